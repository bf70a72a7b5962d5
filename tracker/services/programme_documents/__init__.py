"""A year's list as one document: what it says, read back from its rows, and its versions."""
