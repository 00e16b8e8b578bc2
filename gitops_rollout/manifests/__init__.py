"""Finds InferenceServices in text and edits them, one line at a time. Text in, text out."""
