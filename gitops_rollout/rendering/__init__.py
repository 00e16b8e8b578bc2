"""Runs kustomize, to prove an edit by what it renders."""
