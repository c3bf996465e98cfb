"""Statements as text, where the ORM takes longer to spell them than PostgreSQL to run them (docs/performance.md)."""

from collections.abc import Mapping
from typing import Any

from django.db import connection


def execute(statement: str, told: Mapping[str, Any]) -> int:
    """Run the statement with what is `told` by name; returns how many rows it changed."""
    with connection.cursor() as cursor:
        # A copy, because the history adds to it.
        cursor.execute(statement, dict(told))
        return cursor.rowcount
