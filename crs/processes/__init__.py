"""Keeps the processes of CRS alive (docs/adr/0014-what-died-is-started-again.md)."""
