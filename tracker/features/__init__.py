"""One folder per capability; none imports another."""
