"""What users of tools that write to Git have suffered from, by theme: each test shows the naive way, and then ours."""
