"""Tests of the targets feature."""
