"""GitOps engines in a run: what they say of each target, and of themselves in a checkup."""
