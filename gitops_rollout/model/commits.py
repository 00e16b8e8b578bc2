"""Who commits, by what way, and how commits are signed."""

from dataclasses import dataclass
from enum import StrEnum


class SignatureFormat(StrEnum):
    """How commits are signed, as Git's `gpg.format` names it."""

    OPENPGP = "openpgp"
    SSH = "ssh"


class Via(StrEnum):
    """Who makes the commits: git here, or the forge through its API, which signs them as its own."""

    GIT = "git"
    API = "api"


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer as Git records it."""

    name: str
    email: str


OURSELVES = Person("gitops-rollout", "gitops-rollout@localhost")


@dataclass(frozen=True, slots=True)
class CommitSettings:
    """Identity and signature of the commits that are made.

    `signing_key` is what Git's `user.signingKey` takes: an OpenPGP key id or fingerprint, or the path of an SSH key;
    None leaves commits unsigned. `sign_off` adds a `Signed-off-by` trailer for the committer. With `via` API the forge
    makes the commits anew on the same trees, under the name that it gives to the credentials' owner.
    """

    author: Person = OURSELVES
    committer: Person = OURSELVES
    signing_key: str | None = None
    signature_format: SignatureFormat = SignatureFormat.OPENPGP
    sign_off: bool = False
    via: Via = Via.GIT
