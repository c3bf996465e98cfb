"""PostgreSQL and Valkey for first steps, tests and a small pilot (docs/adr/0002-embedded-servers.md).

Where `DATABASE_URL` (or `REDIS_URL`) is not set, CRS uses its own server under `.local/`, reached
through a Unix socket, so that servers already on the machine do not matter. `hold()` starts what
is missing and keeps it running for as long as this process lives; a small keeper process stops
the servers when the last such process is gone, however it went.
"""

from crs.embedded.holding import hold, release, replace_dead_keeper
from crs.embedded.paths import database_url, is_embedded_database, is_embedded_redis, redis_url

__all__ = [
    "database_url",
    "hold",
    "is_embedded_database",
    "is_embedded_redis",
    "redis_url",
    "release",
    "replace_dead_keeper",
]
