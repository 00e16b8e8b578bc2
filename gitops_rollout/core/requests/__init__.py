"""What a person asks for, turned into a decision, and what speaks against it."""
