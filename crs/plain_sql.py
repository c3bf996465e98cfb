"""Statements as text, where the ORM takes longer to spell them than PostgreSQL to run them (docs/performance.md)."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


class _PlannedCursor(ServerBindingCursor):
    def execute(self, query: Any, params: Any = None, **_options: Any) -> Any:
        return super().execute(query, params, prepare=True)  # type: ignore[misc]


def planned_cursor() -> CursorWrapper:
    """A cursor for a question that is asked again and again: a session of PostgreSQL plans it once and keeps the plan.

    To plan takes longer than to answer. Its text must be the same each time: what it is told goes beside it, and never
    into it. So it is for one statement that only reads, and names its columns. The history adds to those that write,
    and to those that begin with WITH where somebody is recorded: they would be two.
    """
    connection.ensure_connection()
    cursor = _PlannedCursor(connection.connection)  # type: ignore[call-arg]
    return connection._prepare_cursor(cursor)  # type: ignore[attr-defined]


def execute(statement: str, told: Mapping[str, Any]) -> int:
    """Run the statement with what is `told` by name; returns how many rows it changed."""
    with connection.cursor() as cursor:
        # A copy, because the history adds to it.
        cursor.execute(statement, dict(told))
        return cursor.rowcount


def execute_with_bytes(statement: str, told: Mapping[str, Any]) -> int:
    """Run a statement to which many bytes are told, as `%(name)b`; the history does not see it.

    They go to PostgreSQL as they are. Django writes what it is told into the text of the statement: bytes twice as long
    as they were, in four copies.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(statement, told)
        return cursor.rowcount
