"""Doses: given, corrected, annulled, and their papers."""
