"""Makes untrusted text harmless where it is shown: terminals, CI logs, Markdown, HTML comments.

Names, messages and titles come from manifests, statuses, people and servers. Each place has its own dangers: a
terminal obeys escape sequences, a CI log obeys command lines (`::set-output`, `##vso[`), Markdown makes links, images
and mentions, and `-->` ends the hidden line of a pull request.
"""

import json
import re
import unicodedata
from urllib.parse import quote

_CI_COMMAND = re.compile(r"#(?=#\w*\[)")
_CI_LINE = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_CI_SKIP = re.compile(r"(?i)(?<=\[)(?=\s*(?:skip|ci|no|actions)\b)|(?<=\*\*\*)(?=no_ci)|(?<=skip-checks)(?=:)")
_INLINE = re.compile(r"([\\`*_\[\]|~$])")
_LINE_START = re.compile(r"^(\d*)([#+=/.)-])")
_MENTION = re.compile(r"(?<=@)(?=[\w-])")
# `#1`, GitLab's `!1`, `%1`, `~label`, `$1`, `&1`, GitHub's `GH-1`, and bare links
_REFERENCE = re.compile(r"(?<=[#!%~$&])(?=\w)|(?<=GH-)(?=\d)|(?<=[a-zA-Z]:)(?=//)|(?<=www)(?=\.)")
# A line of a commit message that git and forges would read as a trailer: `Co-authored-by: somebody else`.
_TRAILER = re.compile(r"^(\w+(?:-\w+)+)(?=\s*:)")
_BACKTICKS = re.compile(r"`+")
# RFC 3986: what may stand in a URL besides letters and digits, and the percent sign of what is escaped already.
_URL = ":/?#[]@!$&'()*+,;=-._~%"
_ZERO_WIDTH = "\u200b"
_TEXT_CONTROLS = frozenset("\n\t")
# Cc: control characters. Cf: invisible formatting, among it the marks that turn the direction of text around.
# Zl, Zp: line ends that some programs obey. Cs: halves of characters, from bytes that were no UTF-8.
_UNSAFE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def plain(text: str) -> str:
    """`text` with control and invisible characters shown as `\\x1b` and the like; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def log_text(text: str) -> str:
    """Text of several lines for a terminal or a CI log: no escape sequence and no CI command survives."""
    return _CI_LINE.sub(r"\1: ", _CI_COMMAND.sub("# ", plain(text)))


def log_line(text: str) -> str:
    """As `log_text`, on one line."""
    return log_text(" ".join(text.split()))


def markdown(text: str) -> str:
    """Text for one line of Markdown: shown as it is, without links, images, mentions, references, HTML or commands."""
    harmless = _unlinked(" ".join(plain(text).split()))
    harmless = harmless.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINE_START.sub(r"\1\\\2", _INLINE.sub(r"\\\1", harmless))


def commit_text(text: str) -> str:
    """Text for one line of a commit message: git, forges and CI logs act on trailers, mentions, `closes #1`, …"""
    harmless = _CI_SKIP.sub(_ZERO_WIDTH, _unlinked(log_line(text)))
    return _TRAILER.sub(rf"\1{_ZERO_WIDTH}", harmless)


def json_text(value: object, indent: int | None = 2) -> str:
    """`value` as JSON that may be printed to a CI log: plain ASCII, and `##[command]` written otherwise.

    Whoever reads the JSON gets the very text. Raises `ValueError` for numbers that JSON does not have.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=True, allow_nan=False)
    return text.replace("##", "#\\u0023").replace("\x7f", "\\u007f")


def sarif_text(text: str) -> str:
    """Text for a message in SARIF, where `[a](b)` would be a link (SARIF 2.1.0, 3.11.6)."""
    return plain(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def address(url: str) -> str:
    """A URL for a link of Markdown: nothing in it ends the link or is invisible."""
    return quote("".join(url.split()), safe=_URL, errors="replace")


def code(text: str) -> str:
    """Text as inline code in Markdown: the fence is longer than any run of backticks in it."""
    flat = " ".join(plain(text).split()) or " "
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{_broken_comment(flat)}{pad}{fence}"


def cell_code(text: str) -> str:
    """As `code`, inside a cell of a Markdown table, where `|` would end the cell even in code."""
    return code(text).replace("|", "\\|")


def block(text: str, language: str = "") -> str:
    """Text of several lines as a fenced block of Markdown; the fence is longer than any in it."""
    fence = "`" * max(3, 1 + max((len(run) for run in _BACKTICKS.findall(text)), default=0))
    return f"{fence}{language}\n{_broken_comment(plain(text)).rstrip()}\n{fence}"


def _unlinked(text: str) -> str:
    return _MENTION.sub(_ZERO_WIDTH, _REFERENCE.sub(_ZERO_WIDTH, text))


def _broken_comment(text: str) -> str:
    """`text` in which no HTML comment begins or ends: a body is searched for our hidden line as plain text."""
    return text.replace("<!--", f"<{_ZERO_WIDTH}!--").replace("-->", f"--{_ZERO_WIDTH}>")


def _shown(character: str) -> str:
    if character in _TEXT_CONTROLS or unicodedata.category(character) not in _UNSAFE:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
