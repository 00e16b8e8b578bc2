"""What a run says on open pull requests beside their bodies."""
