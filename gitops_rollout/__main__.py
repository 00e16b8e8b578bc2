"""`python -m gitops_rollout` is the same as the installed command."""

import sys

from gitops_rollout.cli.main import run

sys.exit(run())
