"""Where the embedded servers keep their files, and the addresses that follow from it."""

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from crs.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
POSTGRES_DATA = LOCAL / "postgres"
VALKEY_DATA = LOCAL / "valkey"
LOGS = LOCAL / "log"
USERS_LOCK = LOCAL / "users.lock"  # shared by all who use the servers
KEEPER_LOCK = LOCAL / "keeper.lock"  # held by the keeper; its pid, and its time is that of its last look

DATABASE_USER = "crs"
# Whom PostgreSQL runs as where we are root, which it refuses.
SYSTEM_USER = "crs-postgres"

# A Unix socket's path has room for 107 bytes; ".s.PGSQL.5432.lock" is the longest name put there.
_LONGEST_SOCKET_DIR = 107 - len("/.s.PGSQL.5432.lock")


def socket_dir() -> Path:
    """The folder of both sockets: `.local/run`, or one in the temporary folder if that path is too long."""
    inside = LOCAL / "run"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_DIR:
        return inside
    name = hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"crs-{os.getuid()}-{name}"


def database_name() -> str:
    """`crs`, or another name for browser tests and benchmarks, which run beside the demonstration data."""
    return os.environ.get("EMBEDDED_DATABASE", "crs")


def valkey_socket() -> Path:
    """The socket on which Valkey listens."""
    return socket_dir() / "valkey.sock"


def database_url() -> str:
    """The address of the embedded PostgreSQL."""
    return f"postgresql://{DATABASE_USER}@{quote(str(socket_dir()), safe='')}/{database_name()}"


def redis_url() -> str:
    """The address of the embedded Valkey."""
    return f"unix://{valkey_socket()}?db=0"


def is_embedded_database() -> bool:
    """Whether neither `DATABASE_URL` nor its file or parts name a real PostgreSQL."""
    return "DATABASE_URL" not in VARIABLES


def is_embedded_redis() -> bool:
    """Whether neither `REDIS_URL` nor its file or parts name a real Redis or Valkey."""
    return "REDIS_URL" not in VARIABLES
