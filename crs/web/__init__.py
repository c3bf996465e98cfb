"""The web process: requests are received whole, under limits of time and size, before a thread looks at them.

`python -m crs.web` is the one way in which it is started (docs/adr/0012-slow-clients.md).
"""
