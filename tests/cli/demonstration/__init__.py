"""Both stories of the demonstration."""
