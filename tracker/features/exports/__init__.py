"""Tables of pages taken away as files: made at once, or in the background when they are long."""
