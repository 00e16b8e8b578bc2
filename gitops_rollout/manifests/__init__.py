"""Finds targets in text and splices edits. Text in, text out."""
