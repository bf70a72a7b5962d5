"""Every component of the pages in each of its states, for whoever changes how pages look."""
