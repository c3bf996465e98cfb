"""People who answer, runs that ask and sites that call at once, on real PostgreSQL, with the twins without the lock."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count

from crs.messaging.models import Message
from logistics.models import Vaccine
from registration.models import Registration
from reservation.models import Reservation, Slot, Substitute, SubstituteCall, SubstituteOffer
from reservation.reserving import booking
from reservation.slots import check
from reservation.substitutes import agreeing, answering, asking, calling, errors
from tests import factories
from tests.factories import NOW
from tests.race import race, tally
from tests.reservation.conftest import Invite, MakePair
from tests.reservation.substitutes.conftest import Agree, Call

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(minutes=11)


def accepts(now: Any = NOW) -> list[Callable[[], None]]:
    keys = SubstituteOffer.objects.order_by("pk").values_list("pk", flat=True)
    return [partial(answering.accept, offer_id=key, now=now) for key in keys]


def without_the_lock(monkeypatch: pytest.MonkeyPatch, racers: int = 4) -> None:
    """Read the call, whoever else is at it, and let the others read it too before anything is written."""

    def read(offer_id: int) -> tuple[SubstituteOffer, SubstituteCall]:
        call = SubstituteCall.objects.select_related("site", "vaccine").get(offers=offer_id)
        return SubstituteOffer.objects.select_related("registration", "moved_from").get(pk=offer_id), call

    monkeypatch.setattr(answering, "_locked", read)
    together = _Meeting(racers)
    looked = asking.who_can_come_today
    monkeypatch.setattr(asking, "who_can_come_today", lambda *args: (together.wait(), looked(*args))[1])


class _Meeting:
    """So many racers wait here for each other, once."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties)

    def wait(self) -> int:
        """Zero for one of them."""
        return self._barrier.wait(timeout=20)


def comes() -> int:
    return SubstituteOffer.objects.filter(answer="COMES").count()


def test_no_more_people_come_than_doses_are_left_and_the_others_read_so(make_substitute: Agree, call: Call) -> None:
    for _ in range(4):
        make_substitute()
    call(doses=2)
    assert Counter(map(type, race(*accepts()))) == {type(None): 2, errors.DosesGone: 2}
    assert Counter(SubstituteOffer.objects.values_list("answer", flat=True)) == {"COMES": 2, "TOO_LATE": 2}
    assert Reservation.objects.holding_seats().count() == 2
    assert check.wrong_counters() == []


def test_control_twin_without_the_lock_of_the_call_promises_a_dose_twice(
    make_substitute: Agree, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        make_substitute()
    call(doses=2)
    without_the_lock(monkeypatch)
    race(*accepts())
    assert comes() == 4


def called_by_two_sites(make_substitute: Agree, call: Call) -> Registration:
    """Somebody who was silent at one site and is asked by another one; they may still come to either."""
    person, other = make_substitute(), factories.make_site("Jinde")
    Substitute.objects.create(registration=person, site=other, minutes=20, agreed_at=NOW - timedelta(days=3))
    call(doses=1, minutes=60)
    calling.ask_all(LATER)
    call(doses=1, site=other, now=LATER)
    assert SubstituteOffer.objects.filter(registration=person).count() == 2
    return person


def test_whoever_says_to_two_sites_that_they_come_is_expected_by_one(make_substitute: Agree, call: Call) -> None:
    person = called_by_two_sites(make_substitute, call)
    assert tally(race(*accepts(LATER))) == {"NoneType": 1, "DoseNotForToday": 1}
    assert comes() == 1
    assert Reservation.objects.holding_seats().get().registration == person
    assert check.wrong_counters() == []


def test_control_twin_without_the_lock_of_the_person_lets_two_sites_expect_them(
    make_substitute: Agree, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    called_by_two_sites(make_substitute, call)
    without_the_lock(monkeypatch, 2)
    race(*accepts(LATER))
    assert comes() == 2


def test_an_answer_at_the_last_moment_counts_or_is_told_and_runs_that_ask_share_the_work(
    make_substitute: Agree, call: Call
) -> None:
    for _ in range(9):
        make_substitute()
    made = call(doses=2)
    runs = [partial(calling.ask_all, LATER)] * 3
    outcomes = race(*accepts(LATER)[:1], *runs, *accepts(LATER)[1:2])
    assert not [one for one in outcomes if isinstance(one, BaseException)]
    answers = Counter(made.offers.values_list("answer", flat=True))
    # Whichever came first, both who accepted come, and nobody is asked whom no dose is left for.
    assert answers["COMES"] == 2
    assert set(answers) <= {"COMES", "IGNORED", ""}
    told = Message.objects.filter(template="reservation/substitute_offer").values("recipient")
    assert not told.annotate(times=Count("pk")).filter(times__gt=1).exists()


def test_control_twin_of_two_runs_without_the_lock_asks_for_more_doses_than_there_are(
    make_substitute: Agree, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = call(doses=1)
    together = _Meeting(2)
    askable = asking._askable
    monkeypatch.setattr(asking, "_askable", lambda *args: (together.wait(), askable(*args))[1])
    people = [make_substitute() for _ in range(4)]

    def ask(skipped: int) -> None:
        """Each run begins at another person, as one does that has read the list a moment later."""
        with transaction.atomic():
            asking.ask(SubstituteCall.objects.select_related("site", "vaccine").get(pk=made.pk), NOW)

    race(partial(ask, 0), partial(ask, 2))
    told = Message.objects.filter(template="reservation/substitute_offer")
    assert len(people) == 4
    assert told.count() == 4  # two people were told twice


def test_two_sites_that_want_the_same_people_ask_each_of_them_once(
    make_substitute: Agree, call: Call, nurse: User, vaccine: Vaccine
) -> None:
    other = factories.make_site("Jinde")
    people = [make_substitute() for _ in range(6)]
    Substitute.objects.bulk_create(Substitute(registration=one, site=other, minutes=20) for one in people)
    outcomes = race(partial(call, doses=2), partial(call, doses=2, site=other), partial(call, doses=2))
    assert tally(outcomes) == {"SubstituteCall": 2, "CallIsRunning": 1}
    calling.ask_all(NOW)
    offers = SubstituteOffer.objects.values_list("registration", flat=True)
    assert len(offers) == len(set(offers)) == 6


def test_a_substitute_who_books_at_that_moment_has_one_reservation(
    make_substitute: Agree, make_invitation: Invite, make_pair: MakePair, call: Call
) -> None:
    first, _second = make_pair(capacity=4)
    invitations = [make_invitation(make_substitute()) for _ in range(4)]
    call(doses=4)
    holds = [partial(booking.hold, invitation_id=one.pk, slot_id=first.pk, now=NOW) for one in invitations]
    counts = tally(race(*(racer for pair in zip(holds, accepts(), strict=True) for racer in pair)))
    assert counts["NoneType"] == 4
    assert set(counts) <= {"NoneType", "Held", "AlreadyReserved"}
    assert Reservation.objects.holding_seats().count() == 4
    assert Slot.objects.get(pk=first.pk).booked == 0
    assert check.wrong_counters() == []


def test_two_tabs_that_agree_at_once_stay_within_five_sites() -> None:
    person: Registration = factories.make_registration()
    sites = [factories.make_site(f"Místo {number}") for number in range(7)]
    agree = partial(agreeing.agree, whose=person, minutes=30, now=NOW)
    outcomes = tally(race(*(partial(agree, sites=[site]) for site in sites)))
    assert outcomes == {"NoneType": 5, "TooManySites": 2}
