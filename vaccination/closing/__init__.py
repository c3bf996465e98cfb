"""The end of a site's day."""
