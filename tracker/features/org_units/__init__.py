"""Org units: bringing the tree in from a file."""
