"""gitlab.com and GitLab of one's own."""
