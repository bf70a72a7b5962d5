"""The permanent thread of each report: everything said about it, and replies pinned to a line."""
