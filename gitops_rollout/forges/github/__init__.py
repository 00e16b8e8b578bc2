"""github.com and GitHub Enterprise Server."""
