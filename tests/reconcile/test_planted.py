"""Secrets planted in every place that a run reads: none of them is shown, written or passed as an argument.

Real git over HTTP with a password; the runs are processes of their own, their arguments and git's are looked at while
the server answers.
"""

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.reconcile.several import PROPOSE, Several, make_several
from tests.repository.http_remote import PASSWORD, USER, HttpRemote, command_lines, serve
from tests.worlds import git

PLANTED = "planted-"  # what every planted secret but git's password holds
TOKENS = ("GITOPS_ROLLOUT_FORGE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "GITEA_TOKEN", "CI_JOB_TOKEN")
ENVIRONMENT = {
    **{name: f"{PLANTED}{name.lower()}-0123456789" for name in TOKENS},
    "HTTPS_PROXY": "http://user:planted-proxy-password@127.0.0.1:9",
    "https_proxy": "http://user:planted-proxy-password@127.0.0.1:9",
    "NO_PROXY": "",
    "GIT_TRACE": "0",
    "COLUMNS": "200",
}
APP = {"GITOPS_ROLLOUT_GITHUB_APP_ID": "17", "GITOPS_ROLLOUT_GITHUB_APP_PRIVATE_KEY": "planted-app-key"}
FORMS = (PASSWORD, quote(PASSWORD, safe=""), base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode(), PLANTED)


class Runs:
    """Runs of the tool on one place, all that they printed, and the arguments seen meanwhile."""

    def __init__(self, several: Several, http: HttpRemote, root: Path) -> None:
        self.several, self.http, self.root = several, http, root
        self.printed: list[str] = []
        self.seen: set[str] = set()

    def run(self, command: str, *options: str, userinfo: bool = True, extra: str = "", **variables: str) -> int:
        repo = self.http.url("remote.git", f"{USER}:{quote(PASSWORD, safe='')}" if userinfo else "")
        live = self.several.options[2:4] if command in ("plan", "reconcile", "status", "doctor") else []
        given = self.several.options[4:6] if command != "doctor" and "GITOPS_ROLLOUT_FORGE" not in variables else []
        line = [sys.executable, "-m", "gitops_rollout", command, *live, *given, *options]
        config = self.root / "gitconfig"
        config.write_text(extra)
        environment = {**os.environ, **ENVIRONMENT, **variables, "GITOPS_ROLLOUT_REPO": repo}
        environment |= {"GIT_CONFIG_GLOBAL": str(config), "XDG_CACHE_HOME": str(self.root / "cache")}
        process = subprocess.Popen(line, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        stop = threading.Event()

        def sample() -> None:
            while not stop.wait(0.05):
                self.seen |= command_lines()

        sampler = threading.Thread(target=sample)
        sampler.start()
        try:
            self.printed.append(process.communicate(timeout=300)[0])
        finally:
            stop.set()
            sampler.join()
        assert "Traceback" not in self.printed[-1]
        return process.returncode


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    several = make_several(tmp_path, PROPOSE + "forge: {kind: local}\n")
    git(several.place.remote, "config", "http.receivepack", "true")
    with serve(several.place.remote.parent) as http:
        yield Runs(several, http, tmp_path)


def test_no_planted_secret_is_shown_written_or_passed_on(runs: Runs) -> None:
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    header = f'[http]\n\textraHeader = "Authorization: Basic {token}"\n'
    assert runs.run("plan") == 0
    assert runs.run("doctor") in (0, 1)
    assert runs.run("reconcile", userinfo=False, extra=header) == 0
    assert runs.run("status", "--output", "json") == 0
    failing = (
        runs.run("plan", userinfo=False),
        runs.run("plan", userinfo=False, extra=f"[http]\n\textraHeader = 'Authorization: Basic {PLANTED}wrong'\n"),
        runs.run("plan", "--try-config", forge_at(runs, "github"), **APP),
        runs.run("plan", "--try-config", forge_at(runs, "gitea")),
        runs.run("plan", "--try-config", str(with_passwords(runs))),
        runs.run("plan", "--try-config", forge_at(runs, "gitea"), SSL_CERT_FILE=str(runs.root / "absent.pem")),
    )
    assert set(failing) == {1}, runs.printed
    for said in ("could not read Username", "gave the app no token", "401", "must hold no user name", "SSL_CERT_FILE"):
        assert said in "".join(runs.printed[-len(failing) :]), said
    assert len(git(runs.several.place.remote, "for-each-ref", "refs/heads/gitops-rollout").splitlines()) == 5
    everything = {
        "output": "\n".join(runs.printed),
        "arguments": "\n".join(line for line in runs.seen | runs.http.arguments_seen if "-m pytest" not in line),
        "cache": "\n".join(text_of(path) for path in (runs.root / "cache").rglob("*") if path.is_file()),
        "remote": git(runs.several.place.remote, "log", "--all", "--patch", "--format=raw")
        + git(runs.several.place.remote, "for-each-ref"),
    }
    for where, text in everything.items():
        for form in FORMS:
            assert form not in text, f"{form} stands in the {where}: …{text[max(0, text.find(form) - 200) :][:400]}"
    assert "gitops_rollout" in everything["arguments"]
    assert "git-remote-http" in everything["arguments"] or "remote-http" in everything["arguments"]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("latin-1")


def forge_at(runs: Runs, kind: str) -> str:
    """The API of a server that takes no token, and says so."""
    path = runs.root / f"{kind}.yaml"
    forge = f"{{kind: {kind}, url: 'http://127.0.0.1:{runs.http.port}', owner: a, repository: b}}"
    path.write_text(f"{PROPOSE}forge: {forge}\n")
    return str(path)


def with_passwords(runs: Runs) -> Path:
    """Where people put passwords although they may not: the finding names the line and not what stands there."""
    path = runs.root / "passwords.yaml"
    check = "{name: errors, prometheus: {url: 'https://user:planted-metrics@prometheus', query: q}, fail: {above: 1}}"
    forge = "{kind: gitea, url: 'https://user:planted-forge@gitea.example'}"
    path.write_text(f"{PROPOSE}forge: {forge}\ndefaults:\n  analysis: [{check}]\n")
    return path
