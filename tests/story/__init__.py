"""Whole stories on a real API server: Git, an engine that applies it, a controller that moves the statuses."""
