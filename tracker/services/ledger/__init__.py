"""The ledger: posting acts, folding them into the tally under seals, and proving both."""
