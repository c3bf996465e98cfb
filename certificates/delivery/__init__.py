"""Certificates by e-mail: an encrypted PDF, its password by SMS or on paper, and how each sending fared."""
