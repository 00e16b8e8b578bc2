"""Runs that are killed, and runs that race, as processes of their own against real remotes."""
