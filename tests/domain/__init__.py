"""Rules checked against what the documents say, and against properties that hold for any input."""
