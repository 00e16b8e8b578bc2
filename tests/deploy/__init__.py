"""What is shipped to run in a cluster."""
