"""The whole walk in a real Chromium, against real processes."""
