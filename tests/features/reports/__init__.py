"""Tests, mirroring tracker/features/reports/."""
