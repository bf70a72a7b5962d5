"""Lists: files, imports, publishing and exports."""
