"""A vial at a station from its opening to its end, beside the stock."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from crs.errors import DomainError
from logistics.models import Batch, StockDocument, StockItem, Store, VaccinationSite
from logistics.stock import errors as stock_errors
from logistics.stock import ledger_check
from tests.factories import NOW, balance, context, make_site, make_station, make_vials, put
from vaccination.models import DayClosing, Station, VialSession
from vaccination.vials import errors, sessions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "in_english")]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def the_ledger_adds_up() -> Any:
    yield
    assert ledger_check.differences() == []


@pytest.fixture
def vial(station: Station, closed: StockItem) -> VialSession:
    return sessions.open_vial(station=station, item=closed, context=context())


def refused(reason: type[DomainError], what: Callable[[], Any]) -> str:
    """The words of the refusal, and proof that nothing of it stayed."""

    def rows() -> Any:
        return list(VialSession.objects.order_by("pk").values_list()), StockDocument.objects.count()

    before = rows()
    with pytest.raises(reason) as caught:
        what()
    assert rows() == before
    return str(caught.value)


def drawn(vial: VialSession, doses: int = 1, at: datetime = NOW) -> VialSession:
    """The vial after so many doses; the stock is left out."""
    for _ in range(doses):
        sessions.draw(vial=vial, at=at)
    vial.refresh_from_db()
    return vial


# --- opening ------------------------------------------------------------------------------------


def test_a_vial_is_opened_at_a_station_and_in_the_stock(
    vial: VialSession, station: Station, store: Store, closed: StockItem
) -> None:
    assert (vial.doses, vial.given, vial.left, vial.opened_at) == (6, 0, 6, NOW)
    assert (balance(store, closed), balance(store, vial.item)) == (9, 6)
    assert vial.opening.kind == "OPENING"
    assert vial.use_by == NOW + 6 * HOUR
    assert sessions.open_at(station) == vial


def test_more_doses_than_delivered_for_may_be_drawn_but_no_more_than_fit(station: Station, closed: StockItem) -> None:
    open_vial = partial(sessions.open_vial, station=station, item=closed, context=context())
    refused(stock_errors.WrongDoses, partial(open_vial, doses=9))
    assert open_vial(doses=7).left == 7


def test_a_second_vial_at_a_station_is_refused_with_what_to_do(vial: VialSession, closed: StockItem) -> None:
    again = partial(sessions.open_vial, station=vial.station, item=closed, context=context())
    assert refused(errors.StationHasOpenVial, again).startswith("A vial is open at this station already. Use up")


def test_two_stations_of_a_site_have_a_vial_each(vial: VialSession, other_station: Station, closed: StockItem) -> None:
    other = sessions.open_vial(station=other_station, item=closed, context=context())
    assert other.item == vial.item, "opened in one minute, they are one line of the stock"
    drawn(other, 2)
    vial.refresh_from_db()
    assert (vial.left, other.left) == (6, 4)


def test_a_form_sent_twice_opens_one_vial(station: Station, closed: StockItem, store: Store) -> None:
    open_vial = partial(sessions.open_vial, station=station, item=closed, context=context(key=uuid4()))
    assert open_vial() == open_vial()
    assert balance(store, closed) == 9


def test_a_vial_whose_clock_has_run_out_gives_way_to_a_new_one(vial: VialSession, closed: StockItem) -> None:
    later = NOW + 7 * HOUR
    sessions.open_vial(station=vial.station, item=closed, context=context(later))
    vial.refresh_from_db()
    assert (vial.end, vial.ended_at, vial.left) == ("OUT_OF_TIME", NOW + 6 * HOUR, 6)
    assert vial in sessions.of_day(vial.station.site, NOW.date()), "what is left in it is still to be thrown away"


def test_nothing_is_opened_without_a_store_at_a_closed_station_or_from_a_blocked_batch(
    station: Station, closed: StockItem
) -> None:
    open_vial = partial(sessions.open_vial, item=closed, context=context())
    elsewhere = make_station(make_site("Hala"))
    assert "keeps no stock in CRS yet" in refused(errors.SiteHasNoStore, partial(open_vial, station=elsewhere))
    Batch.objects.update(blocked_at=NOW, block_reason="Recall")
    refused(stock_errors.BatchBlocked, partial(open_vial, station=station))
    Station.objects.filter(pk=station.pk).update(closed_at=NOW)
    refused(errors.StationClosed, partial(open_vial, station=station))


# --- opened earlier -----------------------------------------------------------------------------


def test_a_vial_recorded_late_has_the_clock_of_its_real_opening(station: Station, closed: StockItem) -> None:
    vial = sessions.open_vial(station=station, item=closed, context=context(), opened_at=NOW - HOUR)
    assert (vial.opened_at, vial.use_by, vial.ended_at) == (NOW - HOUR, NOW + 5 * HOUR, None)
    assert vial.opening.happened_at == NOW - HOUR
    early = partial(sessions.draw, vial=vial, at=NOW - 2 * HOUR)
    assert refused(errors.NotOpenYet, early).startswith("This vial was opened only on 11. 1. 2027 8:00.")


def test_the_doses_of_an_earlier_vial_are_recorded_beside_the_one_that_is_open(
    vial: VialSession, closed: StockItem
) -> None:
    earlier = sessions.open_vial(station=vial.station, item=closed, context=context(), opened_at=NOW - HOUR)
    assert (earlier.end, sessions.open_at(vial.station)) == ("PUT_ASIDE", vial)
    assert drawn(earlier, 6, at=NOW - HOUR / 2).end == "EMPTY"


def test_the_doses_of_yesterday_are_recorded_today(station: Station, closed: StockItem) -> None:
    tomorrow = context(NOW + DAY)
    vial = sessions.open_vial(station=station, item=closed, context=tomorrow, opened_at=NOW)
    assert vial.end == "OUT_OF_TIME"
    drawn(vial, 2, at=NOW + HOUR)
    refused(errors.VialOutOfTime, partial(sessions.draw, vial=vial, at=NOW + 7 * HOUR))
    refused(
        stock_errors.NotFromTheFuture,
        partial(sessions.open_vial, station=station, item=closed, context=context(), opened_at=NOW + HOUR),
    )


# --- drawing ------------------------------------------------------------------------------------


def test_the_last_dose_ends_the_vial(vial: VialSession) -> None:
    assert drawn(vial, 5).ended_at is None
    assert (drawn(vial).end, vial.ended_at) == ("EMPTY", NOW)
    assert "count the extra dose first" in refused(errors.VialEmpty, partial(sessions.draw, vial=vial, at=NOW))


def test_a_vial_past_its_clock_gives_nothing(vial: VialSession) -> None:
    drawn(vial, at=NOW + 6 * HOUR)
    words = refused(errors.VialOutOfTime, partial(sessions.draw, vial=vial, at=NOW + 6 * HOUR + timedelta(minutes=1)))
    assert words.startswith("This vial was to be used by 11. 1. 2027 15:00 and must not be used any more.")


def test_a_vial_put_aside_gives_only_what_was_given_before(vial: VialSession) -> None:
    sessions.end(vial=vial, how="PUT_ASIDE", context=context(NOW + HOUR))
    drawn(vial, at=NOW + HOUR)
    refused(errors.VialEnded, partial(sessions.draw, vial=vial, at=NOW + 2 * HOUR))


def test_a_dose_put_back_into_an_empty_vial_can_be_drawn_again_or_the_vial_taken_up(vial: VialSession) -> None:
    drawn(vial, 6)
    sessions.put_back(vial=vial)
    vial.refresh_from_db()
    assert (vial.left, vial.end) == (1, "PUT_ASIDE")
    sessions.take_up(vial=vial, station=vial.station, context=context())
    assert (drawn(vial).left, vial.end) == (0, "EMPTY")
    sessions.put_back(vial=vial)
    assert drawn(vial).end == "EMPTY"


def test_no_dose_is_put_back_into_a_vial_that_gave_none(vial: VialSession) -> None:
    refused(errors.NoDoseToPutBack, partial(sessions.put_back, vial=vial))


# --- ends ---------------------------------------------------------------------------------------


def test_the_rest_is_thrown_away_in_the_vial_and_in_the_stock(vial: VialSession, store: Store) -> None:
    end = partial(sessions.end, vial=vial, how="WASTED", context=context())
    assert refused(errors.WasteNeedsReason, end) == "Choose why the rest is thrown away."
    end(waste_reason="LEFT_OVER")
    assert (vial.end, vial.wasted, vial.left) == ("WASTED", 6, 0)
    assert balance(store, vial.item) == 0
    assert StockDocument.objects.latest("pk").reason == "LEFT_OVER"
    refused(errors.NothingLeft, partial(end, waste_reason="LEFT_OVER"))


def test_what_is_put_aside_stays_in_the_stock_until_somebody_throws_it_away(vial: VialSession, store: Store) -> None:
    sessions.end(vial=vial, how="PUT_ASIDE", context=context())
    assert balance(store, vial.item) == 6
    refused(errors.NothingLeft, partial(sessions.end, vial=vial, how="PUT_ASIDE", context=context()))
    sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
    assert (vial.end, balance(store, vial.item)) == ("WASTED", 0)


def test_a_vial_out_of_time_keeps_this_end_when_its_rest_is_thrown_away(vial: VialSession, store: Store) -> None:
    sessions.end(vial=vial, how="OUT_OF_TIME", context=context(NOW + 7 * HOUR))
    assert vial.left == 6
    sessions.end(vial=vial, how="WASTED", waste_reason="EXPIRED", context=context(NOW + DAY))
    assert (vial.end, vial.left, balance(store, vial.item)) == ("OUT_OF_TIME", 0, 0)


def test_a_form_sent_twice_throws_away_once(vial: VialSession, store: Store) -> None:
    once = context(key=uuid4())
    for _ in range(2):
        sessions.spoil_dose(vial=vial, context=once)
    assert (vial.left, balance(store, vial.item)) == (5, 5)


def test_a_broken_syringe_is_one_dose_less(vial: VialSession, store: Store) -> None:
    drawn(vial, 5)
    sessions.spoil_dose(vial=vial, context=context())
    assert (vial.given, vial.wasted, vial.end) == (5, 1, "EMPTY")
    assert StockDocument.objects.latest("pk").reason == "SPOILED"
    refused(errors.VialEmpty, partial(sessions.spoil_dose, vial=vial, context=context()))


def test_what_was_thrown_away_by_mistake_is_taken_back_and_can_be_recorded_as_given(
    vial: VialSession, store: Store
) -> None:
    drawn(vial, 2)
    sessions.spoil_dose(vial=vial, context=context())
    sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context(NOW + HOUR))
    assert (vial.left, vial.wasted, balance(store, vial.item)) == (0, 4, 2)
    sessions.take_back_waste(vial=vial, context=context(NOW + DAY))
    assert (vial.left, vial.wasted, vial.end, balance(store, vial.item)) == (3, 1, "PUT_ASIDE", 5)
    drawn(vial, 1, at=NOW + HOUR)
    sessions.take_back_waste(vial=vial, context=context(NOW + DAY))
    assert (vial.left, vial.wasted, balance(store, vial.item)) == (3, 0, 6)
    refused(errors.NoWaste, partial(sessions.take_back_waste, vial=vial, context=context(NOW + DAY)))


def test_the_waste_of_the_neighbours_vial_of_the_same_line_is_not_taken_back(
    vial: VialSession, other_station: Station, closed: StockItem, store: Store
) -> None:
    other = sessions.open_vial(station=other_station, item=closed, context=context())
    assert other.item == vial.item
    sessions.spoil_dose(vial=vial, context=context())
    sessions.spoil_dose(vial=other, context=context(), reason="BROKEN")
    sessions.take_back_waste(vial=vial, context=context(NOW + HOUR))
    reversed_ones = StockDocument.objects.exclude(reverses=None).values_list("reverses__reason", flat=True)
    assert (vial.left, list(reversed_ones)) == (6, ["SPOILED"])
    refused(errors.NoWaste, partial(sessions.take_back_waste, vial=vial, context=context(NOW + HOUR)))


def test_no_vial_is_added_to_a_day_that_is_closed(site: VaccinationSite, station: Station, closed: StockItem) -> None:
    numbers = ("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted")
    closing = DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, **dict.fromkeys(numbers, 0))
    late = partial(sessions.open_vial, station=station, item=closed, context=context(NOW + DAY), opened_at=NOW + HOUR)
    assert refused(errors.VialDayIsClosed, late).startswith("That day is closed. Ask the manager")
    DayClosing.objects.filter(pk=closing.pk).update(reopened_at=NOW, reopening_reason="late list")
    late()


def test_nothing_is_thrown_away_on_a_closed_day(vial: VialSession, site: VaccinationSite) -> None:
    numbers = ("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted")
    DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, **dict.fromkeys(numbers, 0))
    waste = partial(sessions.end, vial=vial, how="WASTED", waste_reason="LEFT_OVER")
    refused(errors.VialDayIsClosed, partial(waste, context=context(NOW + HOUR)))
    refused(errors.VialDayIsClosed, partial(sessions.spoil_dose, vial=vial, context=context(NOW + HOUR)))
    refused(errors.VialDayIsClosed, partial(sessions.end, vial=vial, how="PUT_ASIDE", context=context(NOW + HOUR)))
    waste(context=context(NOW + DAY))
    assert vial.left == 0


# --- extra doses --------------------------------------------------------------------------------


def test_an_extra_dose_in_a_vial_that_seemed_empty_opens_it_again(vial: VialSession, store: Store) -> None:
    drawn(vial, 6)
    sessions.add_extra_dose(vial=vial, context=context())
    assert (vial.doses, vial.left, vial.ended_at) == (7, 1, None)
    assert balance(store, vial.item) == 7, "the consumptions are their callers'"
    drawn(vial)


def test_no_vial_gives_more_than_two_extra_doses(vial: VialSession) -> None:
    add = partial(sessions.add_extra_dose, vial=vial, context=context())
    add()
    add()
    refused(stock_errors.WrongDoses, add)
    assert vial.doses == 8


def test_a_vial_of_spikevax_is_opened_for_twenty_boosters(station: Station, store: Store) -> None:
    boosters = make_vials("000190A", vaccine="spikevax", doses_per_vial=10)
    put(store, boosters, 2)
    vial = sessions.open_vial(station=station, item=boosters, doses=20, context=context())
    assert (vial.left, balance(store, vial.item)) == (20, 20)
    sessions.add_extra_dose(vial=vial, context=context())
    sessions.add_extra_dose(vial=vial, context=context())
    refused(stock_errors.WrongDoses, partial(sessions.add_extra_dose, vial=vial, context=context()))


def test_there_is_no_extra_dose_in_a_vial_that_was_thrown_away_or_is_over(vial: VialSession) -> None:
    refused(errors.VialOutOfTime, partial(sessions.add_extra_dose, vial=vial, context=context(NOW + 7 * HOUR)))
    sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
    refused(errors.VialEnded, partial(sessions.add_extra_dose, vial=vial, context=context()))


def test_an_empty_vial_is_not_opened_again_beside_another(vial: VialSession, closed: StockItem) -> None:
    drawn(vial, 6)
    sessions.open_vial(station=vial.station, item=closed, context=context())
    refused(errors.StationHasOpenVial, partial(sessions.add_extra_dose, vial=vial, context=context()))


# --- taking up ----------------------------------------------------------------------------------


def test_a_vial_put_aside_goes_on_at_another_station_of_its_site(vial: VialSession, other_station: Station) -> None:
    take_up = partial(sessions.take_up, vial=vial, context=context())
    refused(errors.StillOpen, partial(take_up, station=other_station))
    sessions.end(vial=vial, how="PUT_ASIDE", context=context())
    refused(errors.NotAtThisSite, partial(take_up, station=make_station(make_site("Hala"))))
    take_up(station=other_station)
    assert sessions.open_at(other_station) == vial


def test_no_vial_is_taken_up_beside_another_after_its_clock_or_from_the_bin(
    vial: VialSession, closed: StockItem
) -> None:
    take_up = partial(sessions.take_up, vial=vial, station=vial.station)
    sessions.end(vial=vial, how="PUT_ASIDE", context=context())
    refused(errors.VialOutOfTime, partial(take_up, context=context(NOW + 7 * HOUR)))
    sessions.open_vial(station=vial.station, item=closed, context=context())
    refused(errors.StationHasOpenVial, partial(take_up, context=context()))
    sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context())
    refused(errors.VialEnded, partial(take_up, context=context()))


# --- days ---------------------------------------------------------------------------------------


def test_a_day_has_its_vials_and_those_still_open_from_before(
    vial: VialSession, site: VaccinationSite, other_station: Station, closed: StockItem
) -> None:
    assert sessions.of_day(site, NOW.date() - DAY) == []
    assert sessions.of_day(site, NOW.date() + DAY) == [vial]
    tomorrow = sessions.open_vial(station=other_station, item=closed, context=context(NOW + DAY))
    assert sessions.of_day(site, NOW.date() + DAY) == [vial, tomorrow]
    assert sessions.of_day(site, NOW.date()) == [vial]
    assert sessions.of_day(make_site("Hala"), NOW.date()) == []
