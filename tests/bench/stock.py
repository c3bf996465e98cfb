"""Both imports of the ministry's stock files, in turn with COPY of the documents and movements they write.

Plain COPY goes to bare tables; COPY into the ledger itself shows what its keys, indexes and triggers cost.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from logistics.models import StockDocument, StockMovement, VaccinationSite
from logistics.open_data import stock_import
from logistics.open_data.site_import import import_sites
from logistics.open_data.stock_rows import Table
from tests.bench import cpu
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "open-data"
# Table: its columns, save for the number of the writing transaction, which is never copied.
TABLES = {
    model._meta.db_table: ", ".join(str(field.column) for field in model._meta.local_concrete_fields)
    for model in (StockDocument, StockMovement)
}
# The same columns and nothing that checks, finds or counts: no key, index, constraint nor trigger.
BARE = "".join(
    f"CREATE TABLE bare_{table} AS SELECT {columns} FROM {table};"  # noqa: S608 (our own names)
    for table, columns in TABLES.items()
)


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """What the imports cost, and how many times a COPY; nothing where the ministry's files are absent."""
    if not FOLDER.is_dir():
        say(f"stock imports are left out: the ministry's files are not in {FOLDER}")
        return {}
    import_sites(path=FOLDER / "vaccination-sites.csv")
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    servers = cpu.Servers(command=psutil.Process(), database=sides.database)
    taken = Rounds()
    for number in rounds(seconds, least=1):
        _empty()
        with turn(servers, count=1) as both:
            for table in Table:
                with turn(servers, count=1) as one:
                    rows = _import(table)
                taken.note(number, f"stock {table}, {rows} rows", one)
        taken.note(number, "both stock imports", both)
        contents = _contents()
        taken.note(number, "plain COPY", _copy(servers, contents, prefix="bare_"))
        taken.note(number, "COPY into the ledger", _copy(servers, contents))
    figures: dict[str, object] = {}
    for name, costs in ((name, taken.costs(name)) for name in taken.names):
        figures[name] = costs
        say(line(name, costs))
    for yardstick in ("plain COPY", "COPY into the ledger"):
        name, ratio = f"stock imports / {yardstick}", taken.ratio("both stock imports", yardstick)
        figures[name] = ratio.figures
        say(compared(name, ratio))
    return figures


def _empty() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE logistics_store CASCADE")
        VaccinationSite.objects.filter(is_public=False).delete()


def _import(table: Table) -> int:
    """The rows of the file. Ends the bench where nothing was recorded."""
    path = FOLDER / f"stock-{table}.csv.gz"
    result = stock_import.import_stock(path=path, table=table, now=timezone.now())
    if not result.documents:
        raise SystemExit(f"{path}: nothing was recorded")
    return int(result.rows)


def _contents() -> dict[str, bytes]:
    """What the imports have just written, by table; the tables are empty then."""
    contents = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
                contents[table] = b"".join(copy)
            cursor.execute(f"TRUNCATE bare_{table}")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, logistics_stockbalance CASCADE")  # doses refer to documents
    return contents


def _copy(servers: cpu.Servers, contents: dict[str, bytes], *, prefix: str = "") -> Turn:
    """All of it in one transaction."""
    with turn(servers, count=1) as measured, transaction.atomic(), connection.cursor() as cursor:
        for table, content in contents.items():
            with cursor.copy(f"COPY {prefix}{table} ({TABLES[table]}) FROM STDIN") as copy:
                copy.write(content)
    return measured
