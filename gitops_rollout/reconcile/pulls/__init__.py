"""The pull requests: judged, opened, kept up, spoken on, merged and tidied away."""
