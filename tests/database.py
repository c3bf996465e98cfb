"""Databases of the tests, each a copy of one that is migrated once; and the way into them as SQL."""

import hashlib
import os
import subprocess
import sys

import psutil
import psycopg
from django.db import connection
from psycopg.sql import SQL, Identifier

from crs.embedded.paths import DATABASE_USER, ROOT, socket_dir

PREFIX = "test_crs_"
TEMPLATE_PREFIX = f"{PREFIX}template_"
# Set by tests/conftest.py for the whole run, its workers and all they start.
TEMPLATE = "CRS_TEST_TEMPLATE"

# A copy of what the migrations wrote, beside the tables themselves.
_KEEP = """
CREATE SCHEMA kept;
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', name);
        END IF;
    END LOOP;
END
$$
"""
# Most tables are empty after most tests, and emptying one costs far more than seeing that. Without the triggers:
# they forbid that history and movements are deleted, and would write history of what is put back.
_RESTORE = """
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('DELETE FROM public.%I', name);
        END IF;
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE TABLE kept.%1$I', name);
    END LOOP;
END
$$
"""


def connect(name: str = "postgres") -> psycopg.Connection:
    """A connection to a database of the embedded server; each statement commits by itself."""
    return psycopg.connect(host=str(socket_dir()), user=DATABASE_USER, dbname=name, autocommit=True)


def template_name() -> str:
    """The database that is copied: named by all that its migration reads, so that the next run finds it.

    Migrating takes half a minute. The models are read, too: permissions and content types follow from them.
    """
    rooms = ("crs", "logistics", "registration", "reservation", "vaccination", "certificates", "support")
    kinds = ("**/migrations/**/*.py", "**/*.sql", "**/models*/*.py", "**/models.py", "**/data/*", "**/operations.py")
    files = {file for room in rooms for kind in kinds for file in (ROOT / room).glob(kind) if file.is_file()}
    digest = hashlib.sha256()
    for file in sorted({*files, ROOT / "requirements.lock", ROOT / "crs" / "settings.py"}):
        digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return f"{TEMPLATE_PREFIX}{digest.hexdigest()[:12]}"


def create(name: str) -> None:
    """Make a migrated database. In a run of the tests one is migrated, and the others are copies of it."""
    template = os.environ.get(TEMPLATE)
    with connect() as server:
        if template is None:
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            _migrate(name)
            return
        # Two workers may come at once; who is second waits here until the template is complete.
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [template])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [template]).fetchone():
            drop(template)  # left behind, half migrated
            server.execute(SQL("CREATE DATABASE {}").format(Identifier(template)))
            _migrate(template)
            server.execute(SQL("ALTER DATABASE {} WITH IS_TEMPLATE true").format(Identifier(template)))
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))


def drop(name: str) -> None:
    """Throw a database away, whoever uses it, if it is there at all."""
    with connect() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s AND datistemplate", [name]).fetchone():
            server.execute(SQL("ALTER DATABASE {} WITH IS_TEMPLATE false").format(Identifier(name)))
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def drop_those_of_dead_runs() -> None:
    """Throw away what killed runs left behind, and what was migrated before something changed.

    The names of the others begin with the number of the process that made them.
    """
    with connect() as server:
        found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"]).fetchall()
    for (name,) in found:
        pid = name.removeprefix(PREFIX).split("_")[0]
        is_left = pid.isdigit() and not psutil.pid_exists(int(pid))
        if is_left or (name.startswith(TEMPLATE_PREFIX) and name != os.environ.get(TEMPLATE)):
            drop(name)


def keep_data_of_migrations() -> None:
    """Put aside what the migrations wrote, for `restore`."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP)


def restore() -> None:
    """Leave in the database what the migrations wrote and nothing else. Sequences go on."""
    with connection.cursor() as cursor:
        cursor.execute(_RESTORE)


def _migrate(name: str) -> None:
    outer = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**outer, "EMBEDDED_DATABASE": name},
        check=True,
    )
