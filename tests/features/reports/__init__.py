"""Tests of the features, path for path."""
