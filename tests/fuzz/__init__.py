"""Fuzzing for a fixed time: `python -m tests.fuzz [SECONDS [SEED]]`."""
