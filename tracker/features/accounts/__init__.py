"""Signing in and out, one's own desk and account, and the people an operator adds."""
