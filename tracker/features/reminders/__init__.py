"""Reminding units of reports that are missing, taking it back, and reading it at the unit."""
