"""Figures of the desks."""
