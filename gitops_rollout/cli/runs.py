"""What `plan`, `reconcile` and `status` share: the options become a request, the world is opened, progress is shown."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gitops_rollout.cli.options import Options

if TYPE_CHECKING:
    from gitops_rollout.reconcile.open import Request
    from gitops_rollout.reconcile.world import World


def request_of(options: Options, *, try_config: Path | None = None, needs_policy: bool = False) -> "Request":
    """What the shared options ask for. Without `--now` it is decided at this instant."""
    from gitops_rollout.model.errors import PolicyError
    from gitops_rollout.reconcile.open import Request

    tried = None
    if try_config is not None:
        try:
            tried = (str(try_config), try_config.read_bytes())
        except OSError as error:
            raise PolicyError(f"{try_config}: {error.strerror}", "give --try-config a file that can be read") from error
    return Request(
        repo=options.repo,
        now=options.now or datetime.now(UTC),
        replayed=options.now is not None,
        base=options.base,
        config=options.config,
        config_given=options.config_given,
        try_config=tried,
        needs_policy=needs_policy,
        live=options.live,
        forge=options.forge,
        only=options.only,
    )


def open_run(request: "Request") -> "World":
    """The world of a run, with progress on stderr where a person watches."""
    from gitops_rollout.reconcile.open import open_world

    return open_world(request, progress=progress())


def progress() -> Callable[[str], None]:
    """Says what goes on, on stderr, while a person watches a terminal; silent in CI and in pipes."""
    if not sys.stderr.isatty() or os.environ.get("CI"):
        return lambda message: None
    from gitops_rollout.cli.output import note

    return lambda message: note(f"… {message}")
