"""Tests of features, mirroring tracker/features."""
