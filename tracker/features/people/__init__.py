"""人员: accounts, appointments, one-time links and what waits for a second person, as admins keep them."""
