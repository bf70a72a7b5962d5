"""The rules of the house as failing checks, and one planted offence for each."""
