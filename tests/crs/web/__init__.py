"""The web process and the proxy in front of it, with clients of the bad kind."""
