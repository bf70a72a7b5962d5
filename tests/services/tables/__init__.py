"""Tests, mirroring tracker/services/tables/."""
