"""The programmable interface under /api/v1: not opened yet."""
