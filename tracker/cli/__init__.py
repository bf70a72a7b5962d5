"""Operator commands, one file per group, each command one transaction."""
