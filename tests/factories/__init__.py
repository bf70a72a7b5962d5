"""Rows for tests; each call says only what the test is about."""
