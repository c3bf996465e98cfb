"""Known problems: the banner, the page of the state of CRS, tickets answered together."""
