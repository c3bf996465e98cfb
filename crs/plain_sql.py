"""Statements as text, where the ORM takes longer to spell them than PostgreSQL to run them (docs/performance.md)."""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection


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
