"""Keeps what lies under `.local` from the other users of the machine.

There are people's data in PostgreSQL's and Valkey's files, staff's sessions behind their sockets
(neither asks for a password: the folder is the guard), and secrets.
"""

import os
import pwd
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from crs.embedded.paths import LOCAL, SYSTEM_USER, socket_dir

_OTHERS = 0o077


class NotOurs(Exception):
    """Somebody else made a folder where ours should be."""


def make_private(*folders: Path) -> None:
    """Make `.local` and `folders` in it, for their owner alone; close what an earlier run left open.

    Where we are root, PostgreSQL's own user passes through `.local`, and never loses that: its server may be running.
    """
    LOCAL.mkdir(mode=0o700, parents=True, exist_ok=True)
    group = _group_of_postgres()
    if group is None:
        LOCAL.chmod(0o700)
    else:
        os.chown(LOCAL, -1, group)
        LOCAL.chmod(0o710)
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in LOCAL.iterdir():
        _close(path)


def open_private(path: Path) -> IO[str]:
    """Open a file to read and to write at its end; a new one is its owner's alone."""
    return open(path, "a+", opener=partial(os.open, mode=0o600))


def make_socket_dir() -> None:
    """Make the folder of both sockets, for its owner alone.

    Raises NotOurs where another user has made it, which they can in the temporary folder.
    """
    folder = socket_dir()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _our_uids():
        raise NotOurs(f"{folder} belongs to somebody else; remove it, or set TMPDIR to another folder.")
    _close(folder)


def _close(path: Path) -> None:
    mode = path.lstat().st_mode
    if mode & _OTHERS and not stat.S_ISLNK(mode):
        path.chmod(stat.S_IMODE(mode) & ~_OTHERS)


def _our_uids() -> set[int]:
    postgres = _user_of_postgres()
    return {os.geteuid(), *([postgres.pw_uid] if postgres else [])}


def _group_of_postgres() -> int | None:
    postgres = _user_of_postgres()
    return postgres.pw_gid if postgres else None


def _user_of_postgres() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as where we are root, once it was made."""
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER) if os.geteuid() == 0 else None
    return None
