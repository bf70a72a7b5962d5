"""What stands where: the overview of a list."""
