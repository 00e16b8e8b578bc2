"""Talks to the remote: lists its refs, fetches from it, and lets pushes be made, without showing credentials."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gitops_rollout.core.trust import authorities
from gitops_rollout.repository.command import Command, Setting
from gitops_rollout.repository.failures import Unreachable
from gitops_rollout.repository.place import Place, transport_settings
from gitops_rollout.repository.redact import Address

# Answers with the credentials that stood in the remote's URL; they travel in the environment, never in arguments.
_USER, _PASSWORD = "GITOPS_ROLLOUT_REMOTE_USER", "GITOPS_ROLLOUT_REMOTE_PASSWORD"
_HELPER = f'!f() {{ test "$1" = get && printf "username=%s\\npassword=%s\\n" "${_USER}" "${_PASSWORD}"; }}; f'
# A remote that stops answering ends the run instead of holding it for ever.
_PATIENCE = (Setting("http.lowSpeedLimit", "1000"), Setting("http.lowSpeedTime", "60"))
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
# To a remote on this machine bytes cost nothing: looking for what they have in common takes longer than writing them.
_NEAR = (Setting("pack.window", "0"),)
# A user name this long is a token.
_TOKEN_LENGTH = 16

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Remote:
    """The remote of a place. `outside` is git in a folder that belongs to no repository."""

    place: Place
    outside: Command

    @property
    def shown(self) -> str:
        """Its address as it may be shown."""
        return self.place.fetch.url

    def reader(self, git: Command) -> Command:
        """The command with what it takes to read from the remote called `rollout`."""
        return self._prepared(git, self.place.fetch)

    def writer(self, git: Command) -> Command:
        """The command with what it takes to push to the remote called `rollout`."""
        command = self._prepared(git, self.place.push)
        return command.with_settings(_NEAR) if Path(self.place.push.url).is_absolute() else command

    def refs(self, *patterns: str) -> Mapping[str, str]:
        """Refs of the remote as ref to object id; a symbolic ref `X` is told as `symref:X` to its target."""
        what = f"cannot list the branches of {self.shown}"
        listed = persist(lambda: self.reader(self.outside).run(what, "ls-remote", "--symref", "rollout", *patterns))
        found: dict[str, str] = {}
        for line in listed.decode("utf-8", "surrogateescape").split("\n")[:-1]:
            value, _, ref = line.partition("\t")
            if value.startswith("ref: "):
                found[f"symref:{ref}"] = value.removeprefix("ref: ")
            elif not ref.endswith("^{}"):
                found[ref] = value
        return found

    def fetch(self, git: Command, wanted: Iterable[str], *options: str, hold: int) -> None:
        """Fetch refspecs or object ids into the private repository. `hold`: the descriptor of its lock."""
        stdin = "".join(f"{refspec}\n" for refspec in wanted).encode("utf-8", "surrogateescape")
        arguments = (
            "fetch", "--quiet", "--stdin", "--no-tags", "--no-prune", "--no-recurse-submodules", "--update-shallow",
            "--no-write-fetch-head", "--no-show-forced-updates", *options, "rollout",
        )  # fmt: skip
        what = f"cannot fetch from {self.shown}"
        persist(lambda: self.reader(git).run(what, *arguments, stdin=stdin, hold=(hold,)))

    def _prepared(self, git: Command, address: Address) -> Command:
        user, password = address.username, address.password
        secrets = {} if password is None else {_USER: user or "", _PASSWORD: password}
        hidden = [
            word for word, secret in ((user, len(user or "") >= _TOKEN_LENGTH), (password, True)) if word and secret
        ]
        return git.talking([*self.settings(), *_address_settings(address)], secrets, hidden)

    def settings(self) -> Iterator[Setting]:
        """What the clone says about transport and what is not in force anyway; our own defaults before that."""
        here = list(transport_settings(self.outside))
        stated = {setting.key.lower() for setting in (*here, *self.place.settings)}
        yield from (setting for setting in _PATIENCE if setting.key.lower() not in stated)
        if "core.sshcommand" not in stated and not {"GIT_SSH", "GIT_SSH_COMMAND"} & os.environ.keys():
            yield Setting("core.sshCommand", _SSH)
        yield from _authorities(stated)
        known = Counter(here)
        for setting in self.place.settings:
            if known[setting]:
                known[setting] -= 1
            else:
                yield setting


def _authorities(stated: Set[str]) -> Iterator[Setting]:
    """The certificates that the environment names in other programs' words, which git does not know."""
    named = authorities(os.environ)
    if named is not None and not named.variable.startswith("GIT_"):
        key = "http.sslCAPath" if named.folder else "http.sslCAInfo"
        if key.lower() not in stated:
            yield Setting(key, named.path)


def _address_settings(address: Address) -> Iterator[Setting]:
    yield Setting("remote.rollout.url", address.url)
    # The longest match wins: a shorter url.X.insteadOf, already applied, must not put credentials back in.
    yield Setting(f"url.{address.url}.insteadOf", address.url)
    yield Setting(f"url.{address.url}.pushInsteadOf", address.url)
    if address.password is not None:
        yield Setting("credential.helper", "")
        yield Setting("credential.helper", _HELPER)
    elif address.username is not None:
        yield Setting(f"credential.{address.url}.username", address.username)


def persist(act: Callable[[], Result]) -> Result:
    """Do something that may be done twice, up to three times while the remote gives no answer."""
    for pause in (0.2, 1.0):
        try:
            return act()
        except Unreachable:
            time.sleep(pause)
    return act()
