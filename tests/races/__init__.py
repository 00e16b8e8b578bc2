"""Several hands at one repository at the same time."""
