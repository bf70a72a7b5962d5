"""The long proofs (``make prove``): crowds, random walks and crashes; results are kept as JSON in instance/prove."""
