"""From what was seen to a decision for every document, and to the proposal that says it."""
