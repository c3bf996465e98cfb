"""Rows are locked against whoever changes them, never against whoever only refers to them (docs/locking.md)."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.crs.test_history import ROOMS


def test_nobody_locks_a_row_against_foreign_keys() -> None:
    """Foreign keys are looked at when a transaction ends, in no order: to wait for a row there could close a ring."""
    base = Path(settings.BASE_DIR)
    files = [path for room in ROOMS for kind in ("*.py", "*.sql") for path in (base / room).rglob(kind)]
    too_strong = re.compile(r"select_for_update\((?!(?:[^()]|\([^()]*\))*no_key=True)|\bFOR UPDATE\b")
    assert too_strong.search("x.select_for_update(of=('self',))")
    assert len(files) > 500
    found = [(path.name, match.group()) for path in files if (match := too_strong.search(path.read_text()))]
    assert found == []


@pytest.mark.django_db
def test_no_trigger_makes_a_change_lock_the_key_that_others_refer_to() -> None:
    """With a trigger before an update PostgreSQL computes all generated columns, and locks the keys that hold them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT i.indexrelid::regclass::text
            FROM pg_index i
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attgenerated <> ''
            JOIN pg_trigger t ON t.tgrelid = i.indrelid AND NOT t.tgisinternal AND t.tgtype & 19 = 19
            WHERE i.indisunique AND i.indexprs IS NULL AND i.indpred IS NULL
            """
        )
        assert cursor.fetchall() == []
