"""Revisions, up and down with data."""
