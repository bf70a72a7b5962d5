"""Tests of the web plumbing and the look."""
