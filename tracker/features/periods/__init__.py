"""Periods: who has reported, closing with gaps named, reopening for one unit, units without a signature."""
