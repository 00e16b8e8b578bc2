"""What people decide themselves, and what became of everything that was proposed."""
