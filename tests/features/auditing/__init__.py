"""Tests of the same path."""
