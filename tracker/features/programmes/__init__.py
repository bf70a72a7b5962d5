"""A year's lists: bringing them in from files, publishing and exporting them."""
