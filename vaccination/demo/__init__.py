"""The demonstration: a day in progress at the first demonstration site."""
