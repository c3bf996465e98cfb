"""Issuing: requests, certificates, and bursts that are held."""
