"""The programme file: one document, read from and written to YAML and XLSX alike."""
