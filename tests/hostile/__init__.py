"""Text from manifests, statuses, people and servers that wants to be more than text, on every surface that shows it."""
