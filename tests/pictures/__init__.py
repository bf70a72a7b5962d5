"""The pictures of the README and the handbooks, taken from the demonstration (make pictures)."""
