"""Anybody checks a certificate: the public page, the API and the command."""
