"""The one family of expected failures: caught once, in `cli`, and shown without a traceback."""


class RolloutError(Exception):
    """Something that a user can cause or mend: `message` names file and object, `hint` says what to do next.

    `details` are further lines, where one call found several things to mend.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class UsageError(RolloutError):
    """The command line itself is wrong (exit code 64)."""

    exit_code = 64


class PolicyError(RolloutError):
    """The policy file cannot be read or holds what it may not."""


class RepositoryError(RolloutError):
    """Git could not do what was asked: no repository, no base branch, a fetch or push that failed."""


class SourceError(RolloutError):
    """A live source could not be read."""


class ForgeError(RolloutError):
    """A forge refused, or did not answer."""


class TextError(RolloutError):
    """A text is not YAML or JSON, or is made to exhaust its reader; `line` is 1-based, None where none is to blame."""

    def __init__(self, message: str, hint: str | None = None, line: int | None = None) -> None:
        super().__init__(message, hint)
        self.line = line
