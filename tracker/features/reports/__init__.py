"""Reports: what org units say of their pledges, period by period."""
