"""A Gitea server with an administrator and a token."""

import getpass
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.http import Answer, answers, call, until
from tests.servers.processes import ServerFailedError, free_port, running

SCOPES = "write:repository,write:issue,read:user"

SETTINGS = """\
RUN_USER = {user}
RUN_MODE = prod
WORK_PATH = {data}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[security]
INSTALL_LOCK = true
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
STATIC_ROOT_PATH = {static}
OFFLINE_MODE = true
START_SSH_SERVER = true
SSH_DOMAIN = 127.0.0.1
SSH_LISTEN_HOST = 127.0.0.1
SSH_PORT = {ssh_port}
SSH_LISTEN_PORT = {ssh_port}
SSH_SERVER_HOST_KEYS = {data}/host_key
SSH_CREATE_AUTHORIZED_KEYS_FILE = false
BUILTIN_SSH_SERVER_USER = git
LFS_START_SERVER = false
[database]
DB_TYPE = sqlite3
PATH = {data}/gitea.db
[repository]
DEFAULT_BRANCH = main
[repository.signing]
SIGNING_KEY = {data}/signing_key.pub
SIGNING_FORMAT = ssh
SIGNING_NAME = Gitea
SIGNING_EMAIL = gitea@signer.example
CRUD_ACTIONS = always
INITIAL_COMMIT = never
WIKI = never
MERGES = never
[indexer]
ISSUE_INDEXER_TYPE = db
[mailer]
ENABLED = false
[service]
DISABLE_REGISTRATION = true
[actions]
ENABLED = false
[packages]
ENABLED = false
[log]
MODE = console
LEVEL = Warn
"""


@dataclass(frozen=True)
class Gitea:
    """A running server. `url` has no slash at its end; `user` is an administrator.

    `token` has just the `SCOPES` that pull requests need; `owner_token` may also make repositories and protections.
    The server signs what its API commits with `signing_key`; it is known by SSH as `host_key`.
    """

    url: str
    user: str
    token: str
    owner_token: str
    command: tuple[str, ...]
    ssh_port: int
    host_key: str
    signing_key: str

    def ssh(self, name: str) -> str:
        """The URL of a repository of the administrator's for git over SSH."""
        return f"ssh://git@127.0.0.1:{self.ssh_port}/{self.user}/{name}.git"

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> Answer:
        """Ask the API (`/repos/…`); with the administrator's token unless another is given."""
        headers = {"Authorization": f"token {token or self.token}"}
        return call(method, f"{self.url}/api/v1{path}", body, headers=headers)

    def new_user(self, name: str, scopes: str = SCOPES) -> str:
        """Make a user and return a token of theirs."""
        email = f"{name}@example.com"
        create = ["user", "create", "--username", name, "--email", email, "--must-change-password=false"]
        admin(self.command, *create, "--random-password")
        return new_token(self.command, name, scopes)

    def new_repository(self, name: str) -> str:
        """Make an empty repository of the administrator's and return its URL, without credentials.

        After the first push to it, `await_first_push`: pull requests are not found until Gitea has taken that in.
        """
        self.call("POST", "/user/repos", {"name": name, "private": True}, token=self.owner_token).ok()
        return f"{self.url}/{self.user}/{name}.git"

    def await_first_push(self, name: str) -> None:
        """Wait until Gitea knows that a repository is no longer empty: a second or two after the push."""
        until(lambda: self.call("GET", f"/repos/{self.user}/{name}"), lambda answer: not answer.ok()["empty"])

    def remote(self, name: str, token: str | None = None) -> str:
        """The URL of a repository of the administrator's with a token in it, for plain git."""
        host = self.url.removeprefix("http://")
        return f"http://{self.user}:{token or self.token}@{host}/{self.user}/{name}.git"


@contextmanager
def serve(program: Path, folder: Path) -> Iterator[Gitea]:
    """Run the server in an empty folder until the block ends."""
    port, ssh_port = free_port(), free_port()
    # Made here: the server would make one of 4,096 bits at its start.
    for name in ("host_key", "signing_key"):
        make_key(folder / name)
    url = f"http://127.0.0.1:{port}"
    settings = folder / "app.ini"
    user = getpass.getuser()
    settings.write_text(SETTINGS.format(user=user, data=folder, port=port, ssh_port=ssh_port, static=program.parent))
    command = (str(program), "--config", str(settings))
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    env |= {"HOME": str(folder), "USER": user}
    with running([*command, "web"], folder=folder, env=env, ready=lambda: answers(f"{url}/api/healthz")):
        create = ["user", "create", "--admin", "--username", "keeper", "--email", "keeper@example.com"]
        admin(command, *create, "--must-change-password=false", "--random-password")
        keys = [public_key(folder / name) for name in ("host_key", "signing_key")]
        tokens = new_token(command, "keeper", SCOPES), new_token(command, "keeper", "all")
        yield Gitea(url, "keeper", *tokens, command, ssh_port, *keys)


def make_key(path: Path) -> None:
    """Make a pair of SSH keys without a passphrase: `path` and `path`.pub."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)


def public_key(path: Path) -> str:
    """The public half of a pair, as `known_hosts` and the API take it."""
    return path.with_name(f"{path.name}.pub").read_text().strip()


def admin(command: Sequence[str], *words: str) -> str:
    """Run an administrator's command beside the server."""
    done = subprocess.run([*command, "admin", *words], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        raise ServerFailedError(f"gitea admin {' '.join(words[:2])}: {done.stderr or done.stdout}")
    return done.stdout


def new_token(command: Sequence[str], user: str, scopes: str) -> str:
    """Make a token; warnings come first, the token is the last word of the last line."""
    name = os.urandom(6).hex()
    told = admin(command, "user", "generate-access-token", "--username", user, "--token-name", name, "--scopes", scopes)
    return told.split()[-1]
