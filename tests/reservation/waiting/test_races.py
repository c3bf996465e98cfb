"""Offers at once with everything else that moves the seats, and what happens without the guards."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F

from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.free_seats import folding
from reservation.inviting import invitations, issuing, order
from reservation.models import Appointment, Invitation, Reservation, SeatOffer, Slot, WaitingListEntry
from reservation.reserving import booking
from reservation.slots import check
from reservation.waiting import answering, entries, offering, straight_on
from tests.factories import NOW, make_invitation, make_registration
from tests.race import race, tally
from tests.reservation.conftest import MakePair
from tests.reservation.waiting.conftest import count, offer, wait

pytestmark = pytest.mark.django_db(transaction=True)

LATE = NOW + timedelta(hours=25)


def offer_now() -> int:
    return offering.offer(now=NOW)


def nothing_is_half() -> None:
    assert check.wrong_counters() == []
    for reservation in Reservation.objects.holding_seats().prefetch_related("appointments"):
        assert [appointment.dose_number for appointment in reservation.appointments.all()] == [1, 2]


def test_an_offer_takes_no_time_that_its_person_or_somebody_else_is_taking(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """Each of three people on the list holds a time of their own while offers are made; others take the last seats."""
    slots = [make_pair(day=day)[0] for day in (3, 4, 5, 6)]
    people = [wait(site) for _ in range(3)]
    own = {person.pk: make_invitation(person) for person in people}
    strangers = [make_invitation() for _ in range(3)]
    folding.fold(now=NOW)
    holds = [
        partial(booking.hold, invitation_id=one.pk, slot_id=slot.pk, now=NOW)
        for one, slot in zip([*own.values(), *strangers], [*slots[:3], *slots[1:]], strict=True)
    ]
    outcomes = race(*holds[:3], offer_now, *holds[3:], offer_now)
    assert set(tally(outcomes)) <= {"Held", "SlotFull", "int"}
    nothing_is_half()
    # Of whoever holds a time of their own choice, no offer is open: it came before the choice, or not at all.
    answering.settle(now=NOW)
    for entry in SeatOffer.objects.filter(answer="").select_related("reservation"):
        assert entry.reservation.state == "HELD"
    chosen = Reservation.objects.filter(state="HELD", seat_offer=None, registration__in=people)
    assert chosen.count() + SeatOffer.objects.filter(answer="").count() <= 3
    held = {outcome.reservation_id for outcome in outcomes[:3] if isinstance(outcome, booking.Held)}
    # Nobody's own choice was taken away by an offer.
    assert not Reservation.objects.filter(pk__in=held).exclude(state="HELD").exists()


def test_control_twin_without_the_lock_of_the_registration_an_offer_takes_the_persons_own_choice(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """Read who waits, then hold: what `offer_to` would be without `_locked`."""
    first, other = make_pair(day=3)[0], make_pair(day=4)[0]
    invitation = make_invitation(wait(site))
    has_looked, is_chosen = threading.Event(), threading.Event()

    def naive_offer() -> object:
        if Reservation.objects.holding_seats().exists():
            return None
        has_looked.set()
        assert is_chosen.wait(20)
        return booking.hold(invitation_id=invitation.pk, slot_id=other.pk, now=NOW, until=LATE)

    def choose() -> object:
        assert has_looked.wait(20)
        held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
        is_chosen.set()
        return held

    _, chosen = race(naive_offer, choose)
    assert Reservation.objects.get(pk=chosen.reservation_id).state == "CANCELLED"


def test_of_an_answer_another_choice_and_the_sweep_the_first_counts(site: VaccinationSite, make_pair: MakePair) -> None:
    """Eight people answer at the end of their time, while the sweep gives back what is not answered."""
    make_pair(day=9, capacity=8)
    other, _ = make_pair(day=12, capacity=8)
    people = [wait(site) for _ in range(8)]
    assert offer() == 8
    offers = list(SeatOffer.objects.select_related("entry").order_by("pk"))
    again = Invitation.objects.in_bulk([person.invitations.get().pk for person in people])
    racers: list[Callable[[], object]] = []
    for number, one in enumerate(offers):
        if number % 3 == 0:
            racers.append(partial(answering.accept, offer=one, now=LATE))
        elif number % 3 == 1:
            racers.append(partial(answering.decline, offer=one, now=LATE))
        else:
            invitation = next(each for each in again.values() if each.registration_id == one.entry.registration_id)
            racers.append(partial(booking.hold, invitation_id=invitation.pk, slot_id=other.pk, now=LATE))
    sweeps: list[Callable[[], object]] = [
        partial(booking.release_expired, now=LATE),
        partial(answering.settle, now=LATE),
    ]
    outcomes = race(*racers[:4], *sweeps, *racers[4:], *sweeps)
    assert set(tally(outcomes)) <= {"NoneType", "OfferIsOver", "Held", "int"}
    booking.release_expired(now=LATE)
    answering.settle(now=LATE)
    nothing_is_half()
    expected = {"CONFIRMED": {"ACCEPTED"}, "CANCELLED": {"DECLINED", "CHANGED"}, "EXPIRED": {"IGNORED", "CHANGED"}}
    for one in SeatOffer.objects.select_related("reservation"):
        assert one.answer in expected[one.reservation.state]


def test_control_twin_without_the_guard_a_time_is_confirmed_that_the_sweep_gave_away(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """Read, decide, write: what `accept` would be without the WHERE of `booking.confirm`."""
    first, _ = make_pair(day=9)
    wait(site)
    offer()
    held = SeatOffer.objects.get().reservation_id
    has_looked, is_swept = threading.Event(), threading.Event()

    def naive_accept() -> None:
        reservation = Reservation.objects.get(pk=held)
        has_looked.set()
        assert is_swept.wait(20)
        if reservation.state == "HELD":
            Reservation.objects.filter(pk=held).update(state="CONFIRMED", confirmed_at=LATE)

    def sweep() -> None:
        assert has_looked.wait(20)
        booking.release_expired(now=LATE)
        is_swept.set()

    race(naive_accept, sweep)
    first.refresh_from_db()
    assert Reservation.objects.get(pk=held).state == "CONFIRMED"
    assert (first.booked, check.wrong_counters() != []) == (0, True)


def test_nobody_gets_two_pin2_and_the_list_has_each_person_once(site: VaccinationSite, make_pair: MakePair) -> None:
    """People go straight on in two tabs each while a run invites; others join and leave the list in two tabs."""
    make_pair(day=3, capacity=20)
    count()
    people = [make_registration(sites=(site,)) for _ in range(4)]
    joining = make_registration(sites=(site,))
    outcomes = race(
        *[partial(straight_on.invite, registration_id=person.pk, now=NOW) for person in people for _ in range(2)],
        partial(invitations.invite, limit=3, now=NOW),
        *[partial(entries.join, registration_id=joining.pk, now=NOW)] * 2,
        partial(entries.leave, registration_id=joining.pk, now=NOW),
    )
    assert not [one for one in outcomes if isinstance(one, Exception)]
    for person in people:
        assert Invitation.objects.filter(registration=person).count() <= 1
        assert not Invitation.objects.filter(registration=person).exclude(revoked_at=None).exists()
    assert WaitingListEntry.objects.filter(registration=joining, left_at=None).count() <= 1


def test_control_twin_without_the_lock_a_run_takes_back_the_pin2_of_who_is_choosing(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """What a run of invitations did with somebody who went on after it had looked, were it not kept out."""
    make_pair(day=3)
    person = make_registration(sites=(site,))
    has_looked, has_gone_on = threading.Event(), threading.Event()

    def naive_run() -> None:
        with transaction.atomic():
            seen = list(Registration.objects.exclude(invitations__revoked_at=None, invitations__isnull=False))
            has_looked.set()
            assert has_gone_on.wait(20)
            issuing.issue(seen, Invitation.Kind.TURN, NOW)

    def go_on() -> None:
        assert has_looked.wait(20)
        with transaction.atomic():
            issuing.issue([person], Invitation.Kind.STRAIGHT_ON, NOW)
        has_gone_on.set()

    race(naive_run, go_on)
    straight = Invitation.objects.get(kind="STRAIGHT_ON")
    assert straight.revoked_at is not None


def test_a_seat_is_not_offered_that_a_run_of_invitations_promised_meanwhile(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """Whoever waited in front has PIN2 now: neither in front any more, nor in the room that was counted before."""
    make_pair(day=9)
    in_front = make_registration(birth_date=date(1930, 1, 1), sites=(site,))
    listed = wait(site, date(1945, 1, 1))
    folding.fold(now=NOW)
    run = offering._Run(order.inviting_rules(NOW), NOW)
    assert invitations.invite(limit=1, now=NOW).invited == 1
    assert not run.offer_to(listed.pk)
    # At once: whichever comes first, one person has the seat, and the other one is not promised it.
    Invitation.objects.filter(registration=in_front).delete()
    race(partial(invitations.invite, limit=1, now=NOW), offer_now, offer_now)
    assert (Invitation.objects.filter(kind="TURN").count(), SeatOffer.objects.count()) == (1, 0)


def test_control_twin_with_a_room_of_before_a_seat_is_promised_twice(
    site: VaccinationSite, make_pair: MakePair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a run of offers would do if it did not count the room again."""
    make_pair(day=9)
    make_registration(birth_date=date(1930, 1, 1), sites=(site,))
    listed = wait(site, date(1945, 1, 1))
    folding.fold(now=NOW)
    run = offering._Run(order.inviting_rules(NOW), NOW)
    invitations.invite(limit=1, now=NOW)
    monkeypatch.setattr(offering._Run, "_look_again", lambda run: None)
    assert run.offer_to(listed.pk)


def test_the_seats_of_everybody_on_the_list_are_counted_once(site: VaccinationSite, make_pair: MakePair) -> None:
    first, _ = make_pair(day=9, capacity=5)
    for _ in range(7):
        wait(site)
    folding.fold(now=NOW)
    made = race(*[offer_now] * 4)
    assert sum(made) == 5
    first.refresh_from_db()
    assert first.booked == Appointment.objects.filter(slot=first).count() == SeatOffer.objects.count() == 5
    assert not Slot.objects.filter(booked__gt=F("capacity")).exists()
    nothing_is_half()
