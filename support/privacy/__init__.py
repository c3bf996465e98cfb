"""What of a person the desks see, and the log of each look."""
