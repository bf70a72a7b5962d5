"""Tables and constraints, one file per aggregate; no queries."""
