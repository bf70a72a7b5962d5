"""Tests of tracker/features/exports."""
