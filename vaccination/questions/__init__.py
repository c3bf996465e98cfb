"""The questions before a dose."""
