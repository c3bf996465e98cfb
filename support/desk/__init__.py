"""The pages of those who answer."""
