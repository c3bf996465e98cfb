"""Observation after a dose, and adverse events."""
