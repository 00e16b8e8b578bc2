"""What a reader raises for text that it cannot or will not read."""


class Unreadable(Exception):
    """Text that is not read: `reason` is a code, `message` a sentence, `line` counts from 1 (None: the whole file).

    Codes: `not-utf-8`, `unparsable`, `too-deep`, `too-large`, `alias`, `merge-key`, `readers-disagree`.
    """

    def __init__(self, reason: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.line = line
