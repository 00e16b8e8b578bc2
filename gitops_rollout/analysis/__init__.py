"""Providers of measurements; they never judge a rollout."""
