"""Walks the table of vial sessions in docs/states.md: every act from every state does what the table says."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings

from crs.errors import DomainError
from logistics.models import StockItem, Store
from tests.factories import NOW, context, put
from vaccination.models import Station, VialSession
from vaccination.vials import sessions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OVER = context(NOW + timedelta(hours=7))
STATES = ("OPEN", *VialSession.End.values)

Act = Callable[[VialSession, StockItem], Any]
ACTS: dict[str, tuple[str, Act]] = {
    "draw": ("draw", lambda vial, item: sessions.draw(vial=vial, at=NOW)),
    "spoil": ("spoil_dose", lambda vial, item: sessions.spoil_dose(vial=vial, context=context())),
    "put back": ("put_back", lambda vial, item: sessions.put_back(vial=vial)),
    "put aside": ("end", lambda vial, item: sessions.end(vial=vial, how="PUT_ASIDE", context=context())),
    "put aside by a correction": ("put_aside", lambda vial, item: sessions.put_aside(vial=vial, at=NOW)),
    "waste": (
        "end",
        lambda vial, item: sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context()),
    ),
    "waste after its time": (
        "end",
        lambda vial, item: sessions.end(vial=vial, how="OUT_OF_TIME", waste_reason="EXPIRED", context=OVER),
    ),
    "take back": (
        "take_back_waste",
        lambda vial, item: sessions.take_back_waste(vial=vial, context=context()),
    ),
    "an extra dose": ("add_extra_dose", lambda vial, item: sessions.add_extra_dose(vial=vial, context=context())),
    "take up": ("take_up", lambda vial, item: sessions.take_up(vial=vial, station=vial.station, context=context())),
    "open another": (
        "open_vial",
        lambda vial, item: sessions.open_vial(station=vial.station, item=item, context=OVER),
    ),
}


def changes() -> set[tuple[str, str, str]]:
    """The table: from, to, operation."""
    text = (settings.BASE_DIR / "docs" / "states.md").read_text()
    chapter = text.split("## Vial session (")[1].split("\n## ")[0]
    found = set()
    for starts, ends, by in re.findall(r"^\| ([^|]+) \| ([^|]+) \| `(\w+)` \|", chapter, re.MULTILINE):
        found |= {(start, end, by) for start in starts.split(", ") for end in ends.split(", ")}
    return found


def state_of(vial: VialSession) -> str:
    vial.refresh_from_db()
    return vial.end or "OPEN"


def a_vial(state: str, station: Station, closed: StockItem) -> VialSession:
    """A vial of two doses that has one left, or none if it is empty."""
    vial = sessions.open_vial(station=station, item=closed, doses=2, context=context())
    sessions.draw(vial=vial, at=NOW)
    if state == "EMPTY":
        sessions.spoil_dose(vial=vial, context=context())
    elif state == "WASTED":
        sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
    elif state != "OPEN":
        sessions.end(vial=vial, how=state, context=context())
    assert state_of(vial) == state
    return vial


def test_a_vial_session_changes_only_as_the_table_says_and_in_every_way_that_it_says(
    station: Station, store: Store, closed: StockItem
) -> None:
    put(store, closed, 100)
    table, walked = changes(), set()
    for number, (state, name) in enumerate((state, name) for state in STATES for name in ACTS):
        operation, act = ACTS[name]
        place = Station.objects.create(site=station.site, name=f"W{number}")
        vial = a_vial(state, place, closed)
        try:
            act(vial, closed)
        except DomainError:
            assert state_of(vial) == state
        if state_of(vial) != state:
            walked.add((state, state_of(vial), operation))
    assert walked == {change for change in table if change[0] != "–"}


def test_a_vial_session_begins_as_the_table_says(station: Station, closed: StockItem) -> None:
    begin = partial(sessions.open_vial, station=station, item=closed)
    begun = {state_of(begin(context=context())), state_of(begin(context=context(), opened_at=NOW - timedelta(hours=1)))}
    late = begin(context=OVER, opened_at=NOW)
    assert begun | {state_of(late)} == {end for start, end, _by in changes() if start == "–"}
