"""Reviews: signing, accepting and returning what was handed in."""
