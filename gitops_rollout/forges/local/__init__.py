"""The embedded forge: pull requests kept in the remote repository itself, which need nothing but Git."""
