"""Whatever a file holds, no day of a store ends below zero, and nothing that would fit is left out."""

from collections import Counter
from copy import deepcopy
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from logistics.open_data.soundness import Changes, Levels, moves, sound_rows
from logistics.open_data.stock_rows import Figures, NamedSite, Row

DAYS = [date(2021, 1, 1) + timedelta(days=number) for number in range(6)]
SITES = [NamedSite(UUID(int=number), f"Site {number}", "CZ064") for number in range(1, 4)]
OUTSIDE = None

amounts = st.integers(1, 9)
receipts = st.tuples(st.sampled_from(DAYS), st.just(True), st.sampled_from(SITES), st.just(OUTSIDE), amounts)
issues = st.tuples(
    st.sampled_from(DAYS), st.just(False), st.sampled_from(SITES), st.sampled_from([*SITES, OUTSIDE]), amounts
).filter(lambda issue: issue[2] != issue[3])
files = st.lists(st.one_of(receipts, issues, issues), max_size=14)


def rows_of(file: list[tuple[date, bool, NamedSite, NamedSite | None, int]]) -> list[Row]:
    return [
        Row(
            line=line,
            day=day,
            site=site,
            target=target,
            is_receipt=is_receipt,
            is_issue=not is_receipt,
            vaccine="comirnaty",
            doses_per_vial=6,
            vials=vials,
            wasted=0,
            figures=Figures("Comirnaty", {}, ""),
            import_row=str(line),
        )
        for line, (day, is_receipt, site, target, vials) in enumerate(file, start=2)
    ]


def lowest_level(changes: Changes) -> int:
    """Of all stores and days, summed up the plain way."""
    return min((min(accumulate(days[day] for day in DAYS)) for days in changes.values()), default=0)


def add(changes: Changes, rows: list[Row]) -> Changes:
    changed = deepcopy(changes)
    for row in rows:
        for key, vials in moves(row):
            changed.setdefault(key, Counter())[row.day] += vials
    return changed


@given(earlier=files, file=files)
def test_days_stay_sound_and_what_is_left_out_would_break_one(
    earlier: list[tuple[date, bool, NamedSite, NamedSite | None, int]],
    file: list[tuple[date, bool, NamedSite, NamedSite | None, int]],
) -> None:
    ledger: Changes = {}
    sound_rows(rows_of(earlier), ledger)
    before = deepcopy(ledger)
    taken, left = sound_rows(rows_of(file), ledger)
    assert sorted(row.line for row in taken + left) == [row.line for row in rows_of(file)]
    assert ledger == add(before, taken)
    assert lowest_level(ledger) >= 0
    for row in left:
        assert lowest_level(add(ledger, [row])) < 0
        levels = Levels(ledger)
        assert levels.least(row.key, row.day) < row.vials
        at_end = sum(
            vials for day, vials in ledger.get(row.key, Counter()).items() if day <= levels.lowest_day(row.key, row.day)
        )
        assert at_end == levels.least(row.key, row.day)
