"""Export of open data in the ministry's own format: sites, distribution and consumption of vaccine.

Columns, words and quotation marks are those of the ministry's files, so programs that read those can read ours.
Reversals and reversed documents are left out.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Case, F, Func, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Collate, NullIf

from crs import csv_download
from logistics.models import StockDocument, StockMovement, Store, VaccinationSite
from logistics.models.stock import DOSES, IS_OPEN
from logistics.open_data import site_import
from logistics.open_data.stock_rows import ISSUE, RECEIPT

Kind = StockDocument.Kind
Columns = dict[str, F | Func | Case]
SITES, DISTRIBUTION, CONSUMPTION = "vaccination-sites.csv", "stock-distribution.csv", "stock-consumption.csv"
COLUMNS = {
    SITES: (
        "ockovaci_misto_id,ockovaci_misto_nazev,okres_nuts_kod,operacni_status,ockovaci_misto_adresa,latitude,"
        "longitude,ockovaci_misto_typ,nrpzs_kod,minimalni_kapacita,bezbarierovy_pristup"
    ),
    DISTRIBUTION: (
        "datum,ockovaci_misto_id,ockovaci_misto_nazev,kraj_nuts_kod,kraj_nazev,cilove_ockovaci_misto_id,"
        "cilove_ockovaci_misto_nazev,cilovy_kraj_kod,cilovy_kraj_nazev,ockovaci_latka,vyrobce,akce,pocet_ampulek,"
        "pocet_davek"
    ),
    CONSUMPTION: (
        "datum,ockovaci_misto_id,ockovaci_misto_nazev,kraj_nuts_kod,kraj_nazev,ockovaci_latka,vyrobce,"
        "pouzite_ampulky,znehodnocene_ampulky,pouzite_davky,znehodnocene_davky"
    ),
}
_KINDS = {kind: word for word, kind in site_import.KINDS.items()}
_STEP_FREE = {value: word for word, value in site_import.STEP_FREE.items()}
_ROWS_AT_ONCE = 2000
# The ministry's files put quotation marks around a value that holds one of these.
_QUOTED = frozenset(' ,"\\\t\r\n')
# A region is said by the site's district, or where that is not known by the site itself.
_SITE: Columns = {
    "site": F("document__store__site"),
    "site_name": F("document__store__site__name"),
    "region": Coalesce("document__store__site__district__region__code", "document__store__site__region__code"),
    "region_name": Coalesce("document__store__site__district__region__name", "document__store__site__region__name"),
}
_OTHER = "document__counterpart__site"
_TARGET: Columns = {
    "target": F(_OTHER),
    "target_name": F(f"{_OTHER}__name"),
    "target_region": Coalesce(f"{_OTHER}__district__region__code", f"{_OTHER}__region__code"),
    "target_region_name": Coalesce(f"{_OTHER}__district__region__name", f"{_OTHER}__region__name"),
}
_VACCINE: Columns = {
    "vaccine": Coalesce(NullIf("item__batch__vaccine__published_name", Value("")), "item__batch__vaccine__name"),
    "manufacturer": F("item__batch__vaccine__manufacturer"),
}


def export(*, folder: Path) -> dict[str, int]:
    """Write the three files into `folder`; returns the number of rows of each, by its name.

    The folder is made where it is missing. Each file appears whole or not at all. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {SITES: _sites(), DISTRIBUTION: _distribution(), CONSUMPTION: _consumption()}
    return {name: _write(folder / name, COLUMNS[name], rows) for name, rows in tables.items()}


def _write(path: Path, header: str, rows: Iterable[Sequence[object]]) -> int:
    """Write the file beside `path` first, so a program that reads `path` meanwhile has the old one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    count = 0
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            file.write(f"{header}\r\n")
            for row in rows:
                file.write(",".join(_quoted(value) for value in row) + "\r\n")
                count += 1
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _quoted(value: object) -> str:
    # As in tables for people: whoever opens the file in a spreadsheet runs no formula that is somebody's name.
    text = csv_download.written(value) if isinstance(value, str) else "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if _QUOTED.intersection(text) else text


def _sites() -> Iterator[Sequence[object]]:
    """Public sites by name, byte by byte as in the ministry's list."""
    for site in VaccinationSite.objects.public().order_by(Collate("name", "C"), "pk").iterator(_ROWS_AT_ONCE):
        yield (
            site.pk,
            site.name,
            site.district_id,
            int(site.state == VaccinationSite.State.OPEN),
            site.address,
            site.latitude,
            site.longitude,
            _KINDS[site.kind],
            # The ministry's list drops the zeros in front and writes 0 for unknown.
            site.facility_code.lstrip("0") or 0,
            site.minimal_capacity,
            _STEP_FREE[site.is_step_free],
        )


def _distribution() -> Iterator[Sequence[object]]:
    """One row for each document and vaccine, by day. A delivery between sites is the sender's issue only."""
    is_receipt = Q(document__kind=Kind.RECEIPT) | (
        Q(document__kind=Kind.DELIVERY) & ~Q(document__counterpart__kind=Store.Kind.SITE)
    )
    is_issue = Q(document__kind__in=(Kind.DISPATCH, Kind.ISSUE))
    groups: Columns = {"number": F("document_id"), **_SITE, **_TARGET, **_VACCINE}
    groups["action"] = Case(When(is_receipt, then=Value(RECEIPT)), default=Value(ISSUE))
    rows = _grouped(is_receipt | is_issue, groups).annotate(vials=Sum("quantity"), doses=Sum(DOSES))
    columns = ["document__happened_on", *_SITE, *_TARGET, *_VACCINE, "action", "vials", "doses"]
    rows = rows.order_by("document__happened_on", "number", "vaccine")
    for *values, vials, doses in rows.values_list(*columns).iterator():
        yield [*values, abs(vials), abs(doses)]


def _consumption() -> Iterator[Sequence[object]]:
    """One row for each day, site and vaccine; the ministry's own rows stay as they came."""
    kinds = Q(document__kind__in=(Kind.OPENING, Kind.CONSUMPTION, Kind.WASTE))
    is_waste = Q(document__kind=Kind.WASTE)
    rows = _grouped(kinds, {**_SITE, **_VACCINE, "row": F("document__import_row")}).annotate(
        used_vials=-_sum("quantity", Q(document__kind=Kind.OPENING) & ~IS_OPEN),
        wasted_vials=-_sum("quantity", is_waste & ~IS_OPEN),
        used=-_sum("quantity", Q(document__kind=Kind.CONSUMPTION)),
        wasted=-_sum(DOSES, is_waste),
        first=Min("document_id"),
    )
    columns = ["document__happened_on", *_SITE, *_VACCINE, "used_vials", "wasted_vials", "used", "wasted"]
    yield from rows.order_by("document__happened_on", "first").values_list(*columns).iterator()


def _grouped(kinds: Q, groups: Columns) -> QuerySet[Any, Any]:
    """Movements of vaccine in the stores of sites, without reversed ones, by day and `groups`."""
    movements = StockMovement.objects.not_reversed().filter(
        kinds, item__batch__isnull=False, document__store__kind=Store.Kind.SITE
    )
    return movements.annotate(**groups).order_by().values("document__happened_on", *groups)


def _sum(what: str | Case, of: Q) -> Coalesce:
    return Coalesce(Sum(what, filter=of), 0)
