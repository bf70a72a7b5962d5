"""Backups: the one file, how it is taken from a snapshot, checked, and written into an empty installation."""
