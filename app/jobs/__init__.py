"""The schedule and what it runs."""
