"""Several people at one vial on real PostgreSQL, and the control twins that show what happens without the guard."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from logistics.models import StockItem, Store
from logistics.stock import ledger, ledger_check
from logistics.stock.ledger import EntryLine
from tests.factories import NOW, balance, context, make_station, make_store, make_vials
from tests.race import race, tally
from vaccination.models import Station, VialSession
from vaccination.team import stations
from vaccination.vials import sessions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]


@pytest.fixture
def closed() -> StockItem:
    return make_vials()


@pytest.fixture
def store(closed: StockItem) -> Store:
    return make_store(EntryLine(closed, 100))


@pytest.fixture
def station(store: Store) -> Station:
    assert store.site
    return make_station(store.site)


@pytest.fixture(autouse=True)
def the_vials_and_the_stock_agree(store: Store) -> Any:
    """Whatever the race was: what the sessions hold is what the store holds, and the ledger adds up."""
    yield
    assert ledger_check.differences() == []
    assert sum(vial.left for vial in VialSession.objects.all()) == sum(
        balance(store, item) for item in StockItem.objects.filter(storage="OPEN")
    )


def give(vial: VialSession, store: Store, draw: Callable[..., None] = sessions.draw) -> str:
    """A dose as whoever records it takes it: from the vial and from the stock."""
    with transaction.atomic():
        draw(vial=vial, at=NOW)
        ledger.consume(store=store, item=vial.item, doses=1, context=context())
    return "dose"


def open_with(station: Station, closed: StockItem, doses: int = 6) -> VialSession:
    return sessions.open_vial(station=station, item=closed, doses=doses, context=context())


def test_of_two_people_who_draw_the_last_dose_one_is_told_that_it_is_gone(
    station: Station, closed: StockItem, store: Store
) -> None:
    other = make_station(station.site, "2")
    for _ in range(5):
        # The neighbours' vial is the same line of the stock and would fill the gap there: the session must not let it.
        neighbour = open_with(other, closed)
        vial = open_with(station, closed, doses=1)
        assert neighbour.item == vial.item
        outcomes = race(*[partial(give, vial, store)] * 4)
        assert tally(outcomes) == {"str": 1, "VialEmpty": 3}
        vial.refresh_from_db()
        assert (vial.given, vial.end) == (1, "EMPTY")
        sessions.end(vial=neighbour, how="WASTED", waste_reason="LEFT_OVER", context=context())


def test_twin_with_a_look_before_the_write_two_people_get_the_last_dose(
    station: Station, closed: StockItem, store: Store
) -> None:
    """The look says that one is left, to both; the sum of the doses given is then wrong, and nobody is told."""
    neighbour = open_with(make_station(station.site, "2"), closed)
    vial = open_with(station, closed, doses=1)
    both_have_looked = threading.Barrier(2, timeout=30)

    def look_then_write(*, vial: VialSession, at: Any) -> None:
        row = VialSession.objects.get(pk=vial.pk)
        assert row.left > 0
        both_have_looked.wait()
        row.given += 1
        row.save(update_fields=["given"])

    outcomes = race(*[partial(give, vial, store, look_then_write)] * 2)
    assert tally(outcomes) == {"str": 2}
    vial.refresh_from_db()
    assert vial.given == 1
    # Put right for the check after each race: one of the two doses was the neighbours'.
    VialSession.objects.filter(pk=neighbour.pk).update(given=1)


def test_the_last_closed_vial_goes_to_one_of_two_stations(closed: StockItem, store: Store, station: Station) -> None:
    other = make_station(station.site, "2")
    for number in range(4):
        last = make_vials(f"LAST{number}")
        ledger.receive(store=store, lines=[EntryLine(last, 1)], context=context())
        outcomes = race(partial(open_with, station, last), partial(open_with, other, last))
        assert tally(outcomes) == {"VialSession": 1, "NotEnoughStock": 1}
        for vial in VialSession.objects.open():
            sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())


def test_of_two_people_who_open_a_vial_at_one_station_one_is_told(
    station: Station, closed: StockItem, store: Store
) -> None:
    for opened in range(1, 4):
        outcomes = race(*[partial(open_with, station, closed)] * 3)
        assert tally(outcomes) == {"VialSession": 1, "StationHasOpenVial": 2}
        assert balance(store, closed) == 100 - opened
        sessions.end(vial=VialSession.objects.open().get(), how="PUT_ASIDE", context=context())


def test_twin_without_the_stations_lock_the_second_one_meets_only_the_constraint(
    station: Station, closed: StockItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked = threading.Barrier(2, timeout=30)

    def not_locked(station: Station) -> Station:
        return station

    def slow_look(station: Station, *, now: Any) -> None:
        both_have_looked.wait()

    monkeypatch.setattr(sessions, "_lock_open_station", not_locked)
    monkeypatch.setattr(sessions, "_standing_at", slow_look)
    assert tally(race(*[partial(open_with, station, closed)] * 2)) == {"VialSession": 1, "IntegrityError": 1}


def test_a_double_click_opens_one_vial(station: Station, closed: StockItem) -> None:
    once = partial(sessions.open_vial, station=station, item=closed, context=context(key=uuid4()))
    outcomes = race(*[once] * 4)
    assert tally(outcomes) == {"VialSession": 4}
    assert len({vial.pk for vial in outcomes}) == 1


def test_doses_drawn_while_the_rest_is_thrown_away_are_not_thrown_away(
    station: Station, closed: StockItem, store: Store
) -> None:
    for _ in range(5):
        vial = open_with(station, closed)
        end = partial(sessions.end, vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
        outcomes = race(partial(give, vial, store), end, *[partial(give, vial, store)] * 3)
        # A dose that was given at the moment of the end comes too late if nothing was left by then.
        assert set(tally(outcomes)) <= {"str", "VialSession", "VialEmpty", "VialEnded"}
        vial.refresh_from_db()
        assert (vial.given, vial.left) == (tally(outcomes)["str"], 0)


def test_twin_an_end_that_does_not_lock_the_vial_throws_away_what_was_given(
    station: Station, closed: StockItem, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    vial = open_with(station, closed)
    neighbour = open_with(make_station(station.site, "2"), closed)
    has_looked, is_given = threading.Event(), threading.Event()

    def looked(vial: VialSession) -> VialSession:
        row = VialSession.objects.select_related("station__site", "item").get(pk=vial.pk)
        has_looked.set()
        assert is_given.wait(20)
        return row

    def give_meanwhile() -> str:
        assert has_looked.wait(20)
        given = give(vial, store)
        is_given.set()
        return given

    monkeypatch.setattr(sessions, "_locked", looked)
    end = partial(sessions.end, vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
    outcomes = race(end, give_meanwhile)
    # The database's own constraint is what is left: given and thrown away are more than the vial held.
    assert tally(outcomes) == {"IntegrityError": 1, "str": 1}
    assert neighbour.left == 6


def test_no_vial_is_opened_at_a_station_that_is_being_closed(station: Station, closed: StockItem) -> None:
    for number in range(5):
        place = make_station(station.site, f"B{number}")
        close = partial(stations.close, station=place, context=context())
        outcomes = race(partial(open_with, place, closed), close)
        assert tally(outcomes) in (
            {"VialSession": 1, "StationInUse": 1},
            {"StationClosed": 1, "NoneType": 1},
        )
        place.refresh_from_db()
        is_open = VialSession.objects.open().filter(station=place).exists()
        assert is_open is (place.closed_at is None)


def test_two_who_count_the_last_extra_dose_count_it_once(station: Station, closed: StockItem) -> None:
    vial = open_with(station, closed, doses=7)
    outcomes = race(*[partial(sessions.add_extra_dose, vial=vial, context=context())] * 3)
    assert tally(outcomes) == {"VialSession": 1, "WrongDoses": 2}
    vial.refresh_from_db()
    assert vial.doses == 8
