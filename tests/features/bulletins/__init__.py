"""Bulletins: their document, commands, files and pages."""
