"""Why an edit is refused: one code for each cause, and what a person can do about it."""

HINTS = {
    "alias": "write the value out where the alias (*) stands",
    "anchored": "move the anchor (&) away: others may take their value from here",
    "block-scalar": "write the percent as a plain number on the line of its key",
    "complex-key": "write the key without `?`",
    "comment-impossible": "give the percent a line of its own, so that a comment fits behind it",
    "duplicate-key": "remove one of the two keys: readers differ in which of them counts",
    "empty": "write out what the component runs first",
    "inline-patch": "move the patch into a file of its own, or edit it by hand",
    "invalid-percent": "write a whole number from 0 to 100 in plain decimals, or remove the field",
    "invalid-name": "mend the name or the namespace",
    "invalid-object": "mend the InferenceService",
    "layout": "give the percent a line of its own in the usual form `canaryTrafficPercent: 10`",
    "lfs-pointer": "keep manifests out of Git LFS",
    "merge-key": "write the field out: it may come in through a merge key (<<)",
    "no-component": "the InferenceService does not have this component",
    "not-found": "the file has changed: read it again",
    "not-proven": "edit by hand, and report the file if you can: the change could not be proven to be the only one",
    "not-utf-8": "save the file as UTF-8",
    "only-key": "removing the only key would leave the component empty; write out what it runs",
    "other-version": "only serving.kserve.io/v1beta1 is edited",
    "patch-operation": "take the operation out by hand, and see what the base says",
    "readers-disagree": "write the YAML more plainly: two readers understand it differently",
    "tag": "remove the tag (!) from the value and from what it stands in",
    "template": "edit the template by hand, or edit what is rendered from it",
    "too-deep": "the text is nested too deeply to be a manifest",
    "too-large": "split the file",
    "unreadable": "check the path and its permissions",
    "unparsable": "mend the YAML",
}


class Refused(Exception):
    """An edit that is not made; `reason` is a key of `HINTS`, `message` says what was seen."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    @property
    def advice(self) -> str:
        """What was seen, and what to do."""
        return f"{self.message}; {HINTS[self.reason]}"
