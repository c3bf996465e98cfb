"""Both imports of the ministry's stock files, in turn with COPY of the documents and movements they write.

Plain COPY goes to bare tables; COPY into the ledger itself shows what its keys, indexes and triggers cost.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from logistics.models import StockDocument, StockMovement, VaccinationSite
from logistics.open_data import stock_import
from logistics.open_data.site_import import import_sites
from logistics.open_data.stock_rows import Table

FOLDER: Path = settings.BASE_DIR.parent / "shared" / "open-data"
ROUNDS = 3
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


def measure(*, say: Callable[[str], None]) -> dict[str, object]:
    """Seconds, rows a second and the ratio to COPY; nothing where the ministry's files are absent."""
    if not FOLDER.is_dir():
        say(f"stock imports are left out: the ministry's files are not in {FOLDER}")
        return {}
    import_sites(path=FOLDER / "vaccination-sites.csv")
    with connection.cursor() as cursor:
        cursor.execute(BARE)
    rounds: dict[str, list[float]] = {}
    rows: dict[str, int] = {}
    for number in range(-1, ROUNDS):  # round -1 warms up and does not count
        _empty()
        seen = {str(table): _import(table, rows) for table in Table}
        imports = sum(seen.values())
        contents = _contents()
        seen["plain COPY"] = _copy(contents, prefix="bare_")
        seen["COPY into the ledger"] = _copy(contents)
        seen["stock imports / plain COPY"] = imports / seen["plain COPY"]
        seen["stock imports / COPY into the ledger"] = imports / seen["COPY into the ledger"]
        if number >= 0:
            for name, value in seen.items():
                rounds.setdefault(name, []).append(value)
    return _report(rounds, rows, say)


def _empty() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE logistics_store CASCADE")
        VaccinationSite.objects.filter(is_public=False).delete()


def _import(table: Table, rows: dict[str, int]) -> float:
    path = FOLDER / f"stock-{table}.csv.gz"
    began = time.perf_counter()
    result = stock_import.import_stock(path=path, table=table, now=timezone.now())
    seconds = time.perf_counter() - began
    if not result.documents:
        raise SystemExit(f"{path}: nothing was recorded")
    rows[table] = result.rows
    return seconds


def _contents() -> dict[str, bytes]:
    """What the imports have just written, by table; the tables are empty then."""
    contents = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in TABLES.items():
            with cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as copy:
                contents[table] = b"".join(copy)
            cursor.execute(f"TRUNCATE bare_{table}")
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, logistics_stockbalance")
    return contents


def _copy(contents: dict[str, bytes], *, prefix: str = "") -> float:
    """Seconds for all of it in one transaction."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, content in contents.items():
            with cursor.copy(f"COPY {prefix}{table} ({TABLES[table]}) FROM STDIN") as copy:
                copy.write(content)
    return time.perf_counter() - began


def _report(rounds: dict[str, list[float]], rows: dict[str, int], say: Callable[[str], None]) -> dict[str, object]:
    figures: dict[str, object] = {}
    for table, count in rows.items():
        seconds = statistics.median(rounds[table])
        figures[f"stock {table}"] = {"seconds": round(seconds, 1), "rows per second": round(count / seconds)}
        several = " ".join(f"{value:.1f}" for value in rounds[table])
        say(f"stock {table:12} {seconds:5.1f} s   {count / seconds:6.0f} rows/s   (rounds: {several})")
    for name in ("plain COPY", "COPY into the ledger"):
        ratios = rounds[f"stock imports / {name}"]
        figures[f"stock imports / {name}"] = round(statistics.median(ratios), 1)
        several = " ".join(f"{value:.1f}" for value in ratios)
        say(
            f"stock imports / {name} ({statistics.median(rounds[name]):.2f} s) {statistics.median(ratios):.1f}"
            f"   (rounds: {several})"
        )
    return figures
