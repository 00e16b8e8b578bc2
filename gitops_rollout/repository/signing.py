"""Signs commits: fast-import cannot, so that each is made again on the same tree by `git commit-tree`."""

from collections.abc import Sequence

from gitops_rollout.model.commits import CommitSettings, Person, SignatureFormat
from gitops_rollout.model.errors import RepositoryError
from gitops_rollout.repository.command import Command, Setting
from gitops_rollout.repository.commits import NewCommit, clean, message_text

_HINTS = {
    SignatureFormat.OPENPGP: "Check that gpg has the secret key and may use it without asking (gpg-agent).",
    SignatureFormat.SSH: "Check that the key's file can be read, and that it has no passphrase or ssh-agent holds it.",
}


def sign_commits(
    git: Command, unsigned: Sequence[str], commits: Sequence[NewCommit], settings: CommitSettings
) -> list[str]:
    """Ids of signed commits that say what the unsigned ones say. Raises where the key cannot be used."""
    return [_sign(git, tree, commit, settings) for tree, commit in zip(unsigned, commits, strict=True)]


def _sign(git: Command, unsigned: str, commit: NewCommit, settings: CommitSettings) -> str:
    signer = git.with_settings(_signing_settings(settings)).with_environment(
        {
            **_identity("AUTHOR", settings.author, commit.when),
            **_identity("COMMITTER", settings.committer, commit.when),
        }
    )
    parents = [argument for parent in commit.parents for argument in ("-p", parent)]
    outcome = signer.attempt(
        "commit-tree", f"-S{settings.signing_key}", *parents, "-F", "-", f"{unsigned}^{{tree}}",
        stdin=message_text(commit.message, settings).encode("utf-8", "replace"),
    )  # fmt: skip
    if outcome.status != 0:
        said = " ".join(line.strip() for line in outcome.stderr.splitlines() if "fail" in line.lower())
        raise RepositoryError(f"cannot sign commits: {said[:300] or outcome.stderr.strip()[:300]}",
                              _HINTS[settings.signature_format])  # fmt: skip
    return outcome.stdout.decode("ascii").strip()


def _signing_settings(settings: CommitSettings) -> list[Setting]:
    """The format asked for; and UTF-8, so that no header names the encoding that a user prefers."""
    return [Setting("gpg.format", settings.signature_format.value), Setting("i18n.commitEncoding", "UTF-8")]


def _identity(role: str, person: Person, when: str) -> dict[str, str]:
    seconds, zone = when.split(" ")
    person = clean(person)
    return {
        f"GIT_{role}_NAME": person.name,
        f"GIT_{role}_EMAIL": person.email,
        f"GIT_{role}_DATE": f"@{seconds} {zone}",
    }
