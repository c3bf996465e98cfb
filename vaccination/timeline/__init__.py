"""The person's timeline, and who opened it."""
