"""Rows of the ministry's stock files (open data, `ockovani-distribuce` and `ockovani-spotreba`).

Nothing is recorded here: `logistics/open_data/soundness.py` decides which rows are sound, and
`logistics/open_data/stock_import.py` records them.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from crs.shortened_text import shortened
from logistics.open_data import reader
from logistics.open_data.reader import BadValue, Problem

# The first vaccine came to the country on 26 December 2020: an earlier date is a slip.
FIRST_DAY = date(2020, 12, 26)
# The whole country got fewer vials in half a year of 2021, and no vial of any vaccine holds more doses.
MOST_VIALS, MOST_DOSES_A_VIAL = 1_000_000, 20
LONGEST_NAME = 200
RECEIPT, ISSUE = "Příjem", "Výdej"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Table(StrEnum):
    """One of the two files."""

    DISTRIBUTION = "distribution"
    CONSUMPTION = "consumption"


class Measure(StrEnum):
    """A figure in the totals of a file."""

    ROWS = "rows"
    RECEIPTS = "receipts"
    ISSUES = "issues"
    RECEIVED = "received doses"
    ISSUED = "issued doses"
    USED = "used doses"
    WASTED = "wasted doses"


COLUMNS = {
    Table.DISTRIBUTION: frozenset(
        {
            "datum",
            "ockovaci_misto_id",
            "ockovaci_misto_nazev",
            "kraj_nuts_kod",
            "cilove_ockovaci_misto_id",
            "cilove_ockovaci_misto_nazev",
            "cilovy_kraj_kod",
            "ockovaci_latka",
            "akce",
            "pocet_ampulek",
            "pocet_davek",
        }
    ),
    Table.CONSUMPTION: frozenset(
        {
            "datum",
            "ockovaci_misto_id",
            "ockovaci_misto_nazev",
            "kraj_nuts_kod",
            "ockovaci_latka",
            "pouzite_ampulky",
            "znehodnocene_ampulky",
            "pouzite_davky",
            "znehodnocene_davky",
        }
    ),
}
_ACTIONS = {RECEIPT: (Measure.RECEIPTS, Measure.RECEIVED), ISSUE: (Measure.ISSUES, Measure.ISSUED)}


@dataclass(frozen=True)
class Known:
    """The names that a row may use: vaccines (published name: code), region codes, and sites that are recorded."""

    vaccines: Mapping[str, str]
    regions: frozenset[str]
    sites: frozenset[UUID]
    today: date


@dataclass(frozen=True, slots=True)
class NamedSite:
    """A site as a row names it; `region` is its NUTS3 code."""

    id: UUID
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures that a row, sound or not, adds to the totals; `amounts` says them for people."""

    vaccine: str
    measures: Mapping[Measure, int]
    amounts: str


@dataclass(frozen=True, slots=True)
class Row:
    """A receipt, an issue or a day's consumption whose values can all be used.

    `vials` are all that move; `wasted` of them were thrown away.
    """

    line: int
    day: date
    site: NamedSite
    target: NamedSite | None
    is_receipt: bool
    is_issue: bool
    vaccine: str
    doses_per_vial: int
    vials: int
    wasted: int
    figures: Figures
    import_row: str

    @property
    def key(self) -> tuple[UUID, str, int]:
        """The stock that the row changes: site, vaccine and doses a vial."""
        return self.site.id, self.vaccine, self.doses_per_vial


@dataclass(frozen=True, slots=True)
class Reported:
    """A row that is not taken, and why; no `figures` where its vaccine or amounts cannot be read."""

    problem: Problem
    figures: Figures | None


def read(path: Path, table: Table, known: Known) -> Iterator[Row | Reported]:
    """The rows of `path` in turn. Raises UnreadableFile."""
    # The files hold equal rows on purpose (three equal deliveries of a day), so they are told apart by their order.
    seen: Counter[tuple[object, ...]] = Counter()
    for line in reader.read(path, COLUMNS[table]):
        if isinstance(line, Problem):
            yield Reported(line, None)
            continue
        figures, row = None, None
        try:
            figures = _figures(line.values, table)
            row = _row(line, table, figures, known, seen)
        except BadValue as error:
            reason = f"{error} ({figures.amounts})" if figures else str(error)
            yield Reported(Problem(path.name, line.number, reason), figures)
        else:
            yield row


def _figures(values: Mapping[str, str], table: Table) -> Figures:
    """The amounts as published, read before anything else of the row. Raises BadValue."""
    vaccine = shortened(values["ockovaci_latka"])
    if table == Table.DISTRIBUTION:
        if values["akce"] not in _ACTIONS:
            raise BadValue(f"the action “{shortened(values['akce'])}” is neither {RECEIPT} nor {ISSUE}")
        rows, doses = _ACTIONS[values["akce"]]
        vials, number = _number(values, "pocet_ampulek"), _number(values, "pocet_davek")
        amounts = f"vials: {vials:,}, doses: {number:,}"
        return Figures(vaccine, {rows: 1, doses: number}, amounts)
    used, wasted = _number(values, "pouzite_davky"), _number(values, "znehodnocene_davky")
    amounts = (
        f"vials used: {_number(values, 'pouzite_ampulky'):,}, doses used: {used:,}, "
        f"vials wasted: {_number(values, 'znehodnocene_ampulky'):,}, doses wasted: {wasted:,}"
    )
    return Figures(vaccine, {Measure.ROWS: 1, Measure.USED: used, Measure.WASTED: wasted}, amounts)


def _row(line: reader.FileLine, table: Table, figures: Figures, known: Known, seen: Counter[tuple[object, ...]]) -> Row:
    """The whole row. Raises BadValue for the first value that cannot be used."""
    values = line.values
    is_distribution = table == Table.DISTRIBUTION
    vaccine = known.vaccines.get(values["ockovaci_latka"])
    if vaccine is None:
        raise BadValue(f"no vaccine is published as “{figures.vaccine}”")
    vials, wasted, doses_per_vial = _vials(values, table)
    site = _named_site(values, "ockovaci_misto_id", "ockovaci_misto_nazev", "kraj_nuts_kod", known)
    is_receipt = is_distribution and values["akce"] == RECEIPT
    target = _target(values, site, known, is_receipt=is_receipt) if is_distribution else None
    day = _day(values["datum"], known.today)
    identity = (table, day, site.id, target and target.id, vaccine, is_receipt, doses_per_vial, vials, wasted)
    seen[identity] += 1
    return Row(
        line=line.number,
        day=day,
        site=site,
        target=target,
        is_receipt=is_receipt,
        is_issue=is_distribution and not is_receipt,
        vaccine=vaccine,
        doses_per_vial=doses_per_vial,
        vials=vials,
        wasted=wasted,
        figures=figures,
        import_row=_fingerprint(*identity, seen[identity]),
    )


def _vials(values: Mapping[str, str], table: Table) -> tuple[int, int, int]:
    """Vials in all, those of them that were wasted, and the doses in each. Raises BadValue."""
    if table == Table.DISTRIBUTION:
        columns = [("pocet_ampulek", "pocet_davek")]
    else:
        columns = [("pouzite_ampulky", "pouzite_davky"), ("znehodnocene_ampulky", "znehodnocene_davky")]
    amounts = [(_number(values, vials), _number(values, doses)) for vials, doses in columns]
    each = {_doses_per_vial(vials, doses) for vials, doses in amounts if vials or doses}
    if not each:
        raise BadValue("all amounts are 0: there is nothing to record")
    if len(each) > 1:
        raise BadValue("the used and the wasted vials do not hold the same number of doses")
    return sum(vials for vials, _doses in amounts), sum(vials for vials, _doses in amounts[1:]), each.pop()


def _doses_per_vial(vials: int, doses: int) -> int:
    if not vials or not doses or doses % vials or doses // vials > MOST_DOSES_A_VIAL:
        raise BadValue(
            f"{doses:,} doses cannot be in {vials:,} vials: each holds the same number, 1 to {MOST_DOSES_A_VIAL:,}"
        )
    if vials > MOST_VIALS:
        raise BadValue(f"{vials:,} vials are more than there ever were")
    return doses // vials


def _named_site(values: Mapping[str, str], key: str, name: str, region: str, known: Known) -> NamedSite:
    site = NamedSite(reader.identifier(values[key]), values[name], values[region])
    if site.region not in known.regions:
        raise BadValue(f"there is no region “{shortened(site.region)}”")
    if site.id not in known.sites and not 0 < len(site.name) <= LONGEST_NAME:
        raise BadValue(
            f"the site {site.id} is not known and its name is missing or longer than {LONGEST_NAME:,} characters"
        )
    return site


def _target(values: Mapping[str, str], site: NamedSite, known: Known, *, is_receipt: bool) -> NamedSite | None:
    if not values["cilove_ockovaci_misto_id"]:
        return None
    if is_receipt:
        raise BadValue("a receipt cannot go to another site")
    target = _named_site(values, "cilove_ockovaci_misto_id", "cilove_ockovaci_misto_nazev", "cilovy_kraj_kod", known)
    if target.id == site.id:
        raise BadValue("it goes from the site to itself: nothing would move")
    return target


def _day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise BadValue(f"“{shortened(text)}” is not a day (YYYY-MM-DD)")
    if day > today:
        raise BadValue(f"{day} is still to come")
    if day < FIRST_DAY:
        raise BadValue(f"{day} is before the day on which the first vaccine came, {FIRST_DAY}")
    return day


def _number(values: Mapping[str, str], column: str) -> int:
    try:
        return reader.whole_number(values[column])
    except BadValue as error:
        raise BadValue(f"{column}: {error}") from error


def _fingerprint(*values: object) -> str:
    """The 40 characters that stand for a row in the ledger; a later edition of the file gives equal ones."""
    return hashlib.blake2b("|".join(map(str, values)).encode(), digest_size=20).hexdigest()
