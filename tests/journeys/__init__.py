"""Long stories in a browser, in the words of the people who use it."""
