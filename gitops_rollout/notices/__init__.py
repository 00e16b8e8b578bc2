"""Tells others what a run did: the webhook."""
