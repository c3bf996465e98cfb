"""Tickets: their states, levels, clocks and words."""
