"""One look at both sides: Git with its history, and what every cluster shows."""
