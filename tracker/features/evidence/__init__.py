"""Evidence: files attached to a sheet's reports, seen by whoever sees the report."""
