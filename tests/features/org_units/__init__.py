"""Org units: numbering, files and imports."""
