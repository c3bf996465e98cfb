"""Revoked certificates: ours, and what other states tell, as lists of hashes."""
