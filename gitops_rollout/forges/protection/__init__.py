"""Reads what hosted forges ask for before they merge into a branch: one file a forge."""
