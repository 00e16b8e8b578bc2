"""Comments and commit statuses on hosted forges: one file a forge, and what they have in common."""
