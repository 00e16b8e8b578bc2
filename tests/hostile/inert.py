"""What makes a text inert, by the rules of whoever reads it: terminals, CI systems, Markdown, forges, git."""

import re
import unicodedata

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_OURS = re.compile(r"^<!-- gitops-rollout[a-z-]*: [^\n]* -->\s*$")
_OUR_HTML = re.compile(r"^(</?details>|<details><summary>[A-Za-z ]+</summary>)\s*$")
# GitHub, GitLab and Gitea all make something of these in prose.
_MENTION = re.compile(r"@[A-Za-z0-9]")
_REFERENCE = re.compile(r"(?:#|!|GH-)\d|https?://|www\.[a-z]|&\d|~[A-Za-z\"]|%\d", re.IGNORECASE)
_CI = re.compile(r"##\w*\[")
_CI_LINE = re.compile(r"^\s*::", re.MULTILINE)
_SKIP_CI = re.compile(r"\[\s*(?:skip ci|ci skip|no ci|skip actions|actions skip)\s*\]|\*\*\*NO_CI\*\*\*", re.IGNORECASE)
_UNSAFE = {"Cc", "Cf", "Zl", "Zp", "Cs"}
_BREAKERS = frozenset("\u200b")  # what we put in ourselves, to break references


def terminal_problems(text: str) -> list[str]:
    """What a terminal or a CI log would obey in a text."""
    found = [f"control {char!r}" for char in text if unicodedata.category(char) in _UNSAFE and char not in "\n\t"]
    found += [f"command {match[0]}" for match in _CI.finditer(text)]
    return found + [f"command line {match[0]}" for match in _CI_LINE.finditer(text)]


def markdown_problems(text: str) -> list[str]:
    """What a forge would make of a text besides text: links, images, HTML, mentions, references, comments."""
    found = [
        f"control {char!r}"
        for char in text
        if unicodedata.category(char) in _UNSAFE and char not in "\n\t" and char not in _BREAKERS
    ]
    for token in _MARKDOWN.parse(text):
        found += _of_block(token)
    return found


def _of_block(token: Token) -> list[str]:
    if token.type == "html_block":
        lines = [line for line in token.content.splitlines() if line.strip()]
        return [f"html {line}" for line in lines if not (_OURS.match(line) or _OUR_HTML.match(line))]
    return [problem for child in token.children or () for problem in _of_inline(child)]


def _of_inline(token: Token) -> list[str]:
    if token.type in ("image", "html_inline"):
        return [f"{token.type} {token.content}"]
    if token.type == "link_open":
        href = str(token.attrGet("href"))
        return [] if href.startswith("https://git.example/") else [f"link {href}"]
    if token.type != "text":
        return []
    prose = token.content
    found = [*_MENTION.finditer(prose), *_REFERENCE.finditer(prose)]
    return [f"reference {match[0]!r}" for match in found]


def commit_problems(text: str) -> list[str]:
    """What git and forges would obey in a commit message: mentions, closers, CI switches, trailers of others."""
    found = terminal_problems(text.replace("\u200b", ""))
    found += [f"mention {match[0]}" for match in _MENTION.finditer(text)]
    found += [f"switch {match[0]}" for match in _SKIP_CI.finditer(text)]
    prose, _, trailers = text.rstrip().rpartition("\n\n")
    found += [f"reference {match[0]}" for match in re.finditer(r"(?:#|GH-)\d", prose)]
    if trailers and prose:
        found += [f"trailer {line}" for line in trailers.split("\n") if not line.startswith("Rollout-")]
    found += [
        f"trailer in prose {line}"
        for line in prose.split("\n")
        if re.match(r"(?:Rollout|Co-authored)[A-Za-z-]*\s*:", line)
    ]
    return found


def json_problems(text: str) -> list[str]:
    """What a CI log would obey in JSON that is printed to it."""
    found = [f"not plain {char!r}" for char in text if not (" " <= char <= "~" or char == "\n")]
    return found + terminal_problems(text)
