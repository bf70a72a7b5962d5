"""The test suite; it mirrors tracker/ path for path."""
