"""A walk through every page of the demonstration in a real browser: `make walk`; nothing here is part of `make test`."""
