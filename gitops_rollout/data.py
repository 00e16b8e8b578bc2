"""Where the files are that come with the program but are no code."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_A_CHECKOUT = {"templates": "templates", "examples": "examples", "schema": "docs/schema"}


def data_path(kind: str) -> Path:
    """The folder of `templates`, `examples` or `schema`: inside the installed package, or at a checkout's top level."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / _IN_A_CHECKOUT[kind]
