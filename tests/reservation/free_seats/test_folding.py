"""Sums of days are the slots, and offers follow from them, whatever happens in whatever order."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.db.models import Exists, F, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.models import DoseInterval, DoseRule, VaccinationSite
from reservation.free_seats import check, folding, offers
from reservation.models import DaySeats, Invitation, SeatChange, SiteOffer, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_site, make_slot
from tests.race import race
from tests.reservation.conftest import Make, MakePair

pytestmark = pytest.mark.django_db

# What may be done to slots, and to which of them; the last one is what is asked in between.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["book", "free", "capacity", "close", "move", "ages", "doses", "make", "delete", "fold"]),
        st.integers(0, 7),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=12,
)


def assert_right(now: datetime = NOW) -> None:
    assert check.wrong_sums(now=now) == []
    assert check.wrong_offers() == []


def step(what: str, which: int, number: int, site: VaccinationSite) -> None:
    slots = list(Slot.objects.order_by("pk"))
    slot = Slot.objects.filter(pk__in=[slots[which % len(slots)].pk] if slots else [])
    others = Slot.objects.filter(for_doses="SUBSTITUTE").values("starts_at")
    if what == "book":
        slot.filter(booked__lt=F("capacity")).update(booked=F("booked") + 1)
    elif what == "free":
        slot.filter(booked__gt=0).update(booked=F("booked") - 1)
    elif what == "capacity":
        slot.filter(booked__lte=number, is_closed=False).update(capacity=number)
    elif what == "close":
        slot.update(is_closed=number % 2 == 0)
    elif what == "move":
        starts_at = NOW + timedelta(days=number, minutes=which + 60 * len(slots))
        slot.exclude(Exists(Slot.objects.filter(starts_at=starts_at))).update(starts_at=starts_at)
    elif what == "ages":
        slot.update(youngest_age=number, oldest_age=number * 20 + 10)
    elif what == "doses":
        slot.exclude(for_doses="SUBSTITUTE").exclude(starts_at__in=others).update(
            for_doses="SUBSTITUTE", capacity=F("capacity") + number
        )
    elif what == "make":
        # After a deletion the number of slots would name a minute twice.
        minute = min({*range(60)} - {one.wall_time.minute for one in slots})
        make_slot(number, f"{10 + which}:{minute:02}", "ANY", number, site=site)
    elif what == "delete":
        slot.delete()
    else:
        folding.fold(now=NOW)


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sums_with_what_waits_are_the_slots_after_every_step(
    site: VaccinationSite, steps: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic():
        for day, for_doses in ((1, "FIRST"), (1, "ANY"), (22, "SECOND"), (22, "ANY")):
            make_slot(day, "09:00", for_doses, 3, site=site)
        for one in steps:
            step(*one, site)
            assert check.wrong_sums(now=NOW) == []
        folding.fold(now=NOW)
        assert not SeatChange.objects.exists()
        assert_right()
        transaction.set_rollback(True)


def test_a_fold_with_nothing_to_do_changes_nothing(make_pair: MakePair) -> None:
    make_pair()
    assert folding.fold(now=NOW) == folding.Folded(changes=2, sites=1, has_more=False)
    later = NOW + timedelta(seconds=20)
    assert folding.fold(now=later) == folding.Folded(changes=0, sites=0, has_more=False)
    assert (folding.state().changed_at, folding.state().folded_at) == (NOW, later)


def test_what_has_begun_leaves_the_offer_within_a_minute(make_pair: MakePair) -> None:
    make_pair(0, "09:30", capacity=2)
    make_pair(0, "09:45")
    folding.fold(now=NOW)
    for minutes, free in ((29, 3), (30, 1), (44, 1), (45, 0)):
        now = NOW + timedelta(minutes=minutes, seconds=3)
        folding.fold(now=now)
        assert SiteOffer.objects.get().free == free
        assert_right(now)


def test_at_midnight_all_offers_are_computed_anew_and_old_sums_go(make_pair: MakePair) -> None:
    make_pair(0, "23:59")
    make_pair(7, capacity=2)
    folding.fold(now=NOW)
    assert (SiteOffer.objects.get().free_7, SiteOffer.objects.get().free) == (1, 3)
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    folding.fold(now=midnight)
    assert (SiteOffer.objects.get().free_7, SiteOffer.objects.get().free) == (2, 2)
    assert_right(midnight)
    folding.fold(now=midnight + timedelta(days=folding.KEPT_DAYS + 1))
    assert DaySeats.objects.earliest("day").day == NOW.date() + timedelta(days=7)
    assert_right(midnight + timedelta(days=folding.KEPT_DAYS + 1))


def test_a_new_interval_changes_the_offers_at_the_next_fold(make_pair: MakePair) -> None:
    make_pair()
    folding.fold(now=NOW)
    assert SiteOffer.objects.get().pairs == 1
    DoseInterval.objects.create(
        vaccine_id="comirnaty", dose_number=2, valid_from=NOW.date(), min_days=30, ideal_days=30, max_days=40
    )
    folding.fold(now=NOW)
    assert (SiteOffer.objects.get().pairs, SiteOffer.objects.get().later) == (0, 1)


def test_a_run_computes_the_sites_that_waited_longest_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers, "BATCH", 2)
    sites = [make_site(f"{number}", "CZ0100") for number in range(5)]
    folding.fold(now=NOW)
    for number, site in enumerate(sites):
        make_slot(1, for_doses="ANY", site=site)
        SiteOffer.objects.create(site=site, vaccine_id="comirnaty", stale_since=NOW - timedelta(hours=number))
    found = folding.fold(now=NOW + timedelta(minutes=1), seconds=0)
    assert found == folding.Folded(changes=5, sites=2, has_more=True)
    assert folding.state().folded_at == NOW
    assert {*SiteOffer.objects.filter(stale_since=None).values_list("site_id", flat=True)} == {sites[3].pk, sites[4].pk}
    assert folding.fold(now=NOW + timedelta(minutes=2)) == folding.Folded(changes=0, sites=3, has_more=False)
    assert_right(NOW + timedelta(minutes=2))


def test_seats_of_a_site_that_was_deleted_stop_nobody(make_slot: Make, site: VaccinationSite) -> None:
    other = make_site("Brno", "CZ0642")
    make_slot(1, site=other)
    Slot.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM logistics_vaccinationsite WHERE id = %s", [other.pk])
    make_slot(2, for_doses="ANY")
    folding.fold(now=NOW)
    assert SiteOffer.objects.get().site == site


def test_what_was_written_behind_the_triggers_is_found_and_summed_anew(make_pair: MakePair) -> None:
    make_pair(capacity=5)
    folding.fold(now=NOW)
    DaySeats.objects.filter(for_doses="FIRST").update(booked=2)
    SiteOffer.objects.update(pairs=9)
    assert [wrong.booked for wrong in check.wrong_sums(now=NOW)] == [2]
    assert [wrong.ages for wrong in check.wrong_offers()] == [(12, 150)]
    folding.sum_anew(now=NOW)
    assert SiteOffer.objects.get().pairs == 5
    assert_right()


def free_in_sums() -> int:
    return sum(
        model.objects.aggregate(free=Sum(F("capacity") - F("booked")))["free"] or 0 for model in (DaySeats, SeatChange)
    )


@pytest.mark.django_db(transaction=True)
def test_bookings_during_folds_are_all_counted_and_once(
    make_pair: MakePair, make_people: Callable[[int], list[Invitation]]
) -> None:
    first, _ = make_pair(capacity=40)
    people = make_people(20)
    holds = [partial(booking.hold, invitation_id=one.pk, slot_id=first.pk, now=NOW) for one in people]
    folds = [partial(folding.fold, now=NOW)] * 20
    race(*[one for both in zip(holds, folds, strict=True) for one in both])
    assert free_in_sums() == 40 + 40 - 2 * 20
    folding.fold(now=NOW)
    assert_right()
    assert SiteOffer.objects.get().pairs == 20


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_folds_leave_an_offer_that_is_wrong(
    make_pair: MakePair, site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a fold that computed before a booking writes after the fold that saw it."""
    make_pair(capacity=2)
    folding.fold(now=NOW)
    Slot.objects.filter(for_doses="FIRST").update(capacity=3)
    compute = offers.compute

    def overtaken(**arguments: object) -> object:
        computed = compute(**arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(offers, "compute", compute)
        Slot.objects.all().update(booked=1)
        others.extend(race(partial(folding.fold, now=NOW)))
        return computed

    for has_lock in (True, False):
        others: list[object] = []
        monkeypatch.setattr(offers, "compute", overtaken)
        if not has_lock:
            monkeypatch.setattr(folding, "take_if_free", lambda _lock: True)
        Slot.objects.all().update(booked=0)
        folding.fold(now=NOW)
        if has_lock:
            assert others == [None]
            folding.fold(now=NOW)
        assert (SiteOffer.objects.get().later == 1) is has_lock


def test_a_new_rule_brings_back_the_offer_of_a_site_that_had_none(make_slot: Make) -> None:
    make_slot(1, vaccine_id="janssen", youngest_age=5, oldest_age=11, capacity=5)
    folding.fold(now=NOW)
    assert not SiteOffer.objects.exists()
    DoseRule.objects.create(vaccine_id="janssen", dose_number=1, valid_from=NOW.date(), youngest_age=5)
    folding.fold(now=NOW)
    assert SiteOffer.objects.get().free == 5
    assert_right()
