"""Who commits, and how commits are signed."""

from dataclasses import dataclass
from enum import StrEnum


class SignatureFormat(StrEnum):
    """How commits are signed, as Git's `gpg.format` names it."""

    OPENPGP = "openpgp"
    SSH = "ssh"


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
    None leaves commits unsigned. `sign_off` adds a `Signed-off-by` trailer for the committer.
    """

    author: Person = OURSELVES
    committer: Person = OURSELVES
    signing_key: str | None = None
    signature_format: SignatureFormat = SignatureFormat.OPENPGP
    sign_off: bool = False
