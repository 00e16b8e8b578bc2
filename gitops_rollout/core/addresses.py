"""Whether two URLs mean the same repository, however each is spelled."""

import re

_URL = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/]*@)?(?P<host>[^/:]+)(?::\d+)?/|(?:[^@/]*@)?(?P<scp>[^/:]+):(?!//))(?P<path>.+)"
)


def address(url: str) -> str | None:
    """Host and path of a network URL in one spelling; None for local paths, which say nothing about engines."""
    match = _URL.fullmatch(url.strip())
    if match is None:
        return None
    host = (match["host"] or match["scp"]).lower()
    return f"{host}/{match['path'].strip('/').removesuffix('.git').lower()}"
