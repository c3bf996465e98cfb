"""People who come: the day's list, check-in, walk-ins."""
