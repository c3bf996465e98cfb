"""Tickets on a site's pages, for those who ask."""
