"""Observe, decide, act: the only place where Git and the cluster meet."""
