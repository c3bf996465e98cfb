"""The vial that is open at a station."""
