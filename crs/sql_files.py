"""The database functions of a room: their current text, and the copy that a migration keeps of it.

`ROOM/sql/NAME.sql` is what is read and edited; tests compare it with the database. A migration reads its own copy,
`ROOM/migrations/sql_0001/NAME.sql` for the migration 0001, which never changes once it is released: so a new
database goes the way that the old ones went.
"""

import re
from pathlib import Path

from django.db import migrations

_FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)", re.MULTILINE)


def frozen(migration: str, name: str) -> migrations.RunSQL:
    """Make the functions and triggers of `name` as the migration in the file `migration` keeps them.

    Backwards it drops them. A migration that replaces functions of an earlier one passes `RunSQL` both texts instead.
    """
    file = Path(migration)
    text = (file.parent / f"sql_{file.name[:4]}" / f"{name}.sql").read_text()
    # CASCADE takes the triggers that call them along.
    drops = [f"DROP FUNCTION {function} CASCADE" for function in reversed(_FUNCTION.findall(text))]
    return migrations.RunSQL(text, ";\n".join(drops), elidable=False)
