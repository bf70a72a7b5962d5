"""A list changed on pages: one part typed anew, all else as it stands, and read by the same rules as a file."""
