"""Decomposing targets: the matrix of a unit and its children, issuing, and what the units answer."""
