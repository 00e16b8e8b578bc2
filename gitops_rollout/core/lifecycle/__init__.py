"""What to do about pull requests: pure functions from where changes stand to the effects that are due."""
