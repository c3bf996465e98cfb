"""Certificates: EU digital certificates of vaccination, on paper and by e-mail, and anybody's check of one."""
