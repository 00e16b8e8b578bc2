"""gitops-rollout: promotes and rolls back KServe canaries by pull request."""

__version__ = "0.1.0"
