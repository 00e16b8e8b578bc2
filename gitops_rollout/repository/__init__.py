"""The only room that knows git: bytes at a commit in, commits and pushes out."""
