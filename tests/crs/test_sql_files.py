"""The database runs what the files say: every function and trigger of ours stands in a file, as it is there."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from crs.sql_files import frozen

pytestmark = pytest.mark.django_db

FILES = sorted(
    file
    for app in apps.get_app_configs()
    if (room := Path(app.path)).is_relative_to(settings.BASE_DIR) and ".venv" not in room.parts
    for file in (room / "sql").glob("*.sql")
)
# Made by pghistory and pgtrigger from the models, and by extensions.
NOT_OURS = r"^(pgtrigger_|_pgtrigger_|_pgh_)"


def functions() -> dict[str, str]:
    """Signature and definition of each function in the database that is ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid) FROM pg_proc p
            WHERE p.pronamespace = 'public'::regnamespace AND p.proname !~ %s AND NOT EXISTS (
                SELECT FROM pg_depend d
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
            """,
            [NOT_OURS],
        )
        return dict(cursor.fetchall())


def triggers() -> dict[str, str]:
    """Name and definition of each trigger that is ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgname !~ %s", [NOT_OURS]
        )
        return dict(cursor.fetchall())


def test_there_are_files_to_compare() -> None:
    assert {file.parent.parent.name for file in FILES} >= {"logistics", "reservation"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.parent.name}/{file.stem}")
def test_a_file_says_what_is_in_the_database(file: Path) -> None:
    before = functions(), triggers()
    with connection.cursor() as cursor:
        cursor.execute(file.read_text())
    assert (functions(), triggers()) == before


def test_every_function_and_trigger_of_ours_has_a_file() -> None:
    text = "\n".join(file.read_text() for file in FILES)
    in_files = set(re.findall(r"^CREATE OR REPLACE FUNCTION (\w+)", text, re.MULTILINE))
    triggers_in_files = set(re.findall(r"^CREATE (?:OR REPLACE |CONSTRAINT )TRIGGER (\w+)", text, re.MULTILINE))
    assert {signature.partition("(")[0] for signature in functions()} == in_files
    assert set(triggers()) == triggers_in_files


def test_a_frozen_file_is_taken_back_and_made_again() -> None:
    before = functions(), triggers()
    migration = settings.BASE_DIR / "reservation" / "migrations" / "0001_initial.py"
    operation = frozen(str(migration), "all_doses")
    with connection.cursor() as cursor:
        cursor.execute(str(operation.reverse_sql))
        assert set(before[0]) - set(functions()) == {
            "reservation_require_all_doses(uuid)",
            "reservation_has_all_doses()",
            "reservation_keeps_all_doses()",
            "reservation_gets_no_other_dose()",
        }
        assert set(before[1]) - set(triggers()) == {
            "reservation_has_all_doses",
            "reservation_lives_again_with_all_doses",
            "reservation_keeps_all_doses",
            "reservation_gets_no_other_dose",
        }
        cursor.execute(str(operation.sql))
    assert (functions(), triggers()) == before
