"""After acceptance: corrections by the unit, revocations by those above, with their effect at each level."""
