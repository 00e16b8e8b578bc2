"""What `check` looks at: people's changes, as files state them and as kustomizations render them, and our own."""
