"""Tests, mirroring tracker/features/."""
