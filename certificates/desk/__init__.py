"""Pages for a site's staff: certificates of a person and of a day."""
