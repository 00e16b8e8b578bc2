"""Before the first run: a policy is suggested, and all that a run needs is checked."""
