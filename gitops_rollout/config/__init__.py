"""The policy file: pydantic models, turned into values of `model`."""
