"""What a run says: terminal, JSON, Markdown, pull request texts."""
