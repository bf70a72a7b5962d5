"""Flask plumbing that every feature uses."""
