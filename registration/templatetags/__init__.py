"""Filters of registration."""
