"""Taking the whole installation away in one file, and bringing it back."""
