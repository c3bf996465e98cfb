"""Free times are offered to the waiting list, in the one order, by day, and go on to the next."""

import re
from datetime import date, datetime, timedelta

import pytest
from pytest_django import Settings

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.applying import ending
from registration.applying.going_on import Outlook
from registration.groups.eligibility import facts_of
from registration.models import Registration
from reservation import errors
from reservation.free_seats import folding
from reservation.inviting import invitations, order, unused
from reservation.inviting.room import rooms
from reservation.models import (
    Appointment,
    Invitation,
    InvitationPause,
    PersonalLink,
    Postponement,
    Reservation,
    SeatOffer,
    Slot,
    WaitingListEntry,
)
from reservation.postponing import postponing
from reservation.reserving import booking
from reservation.slots import check
from reservation.waiting import answering, deadlines, entries, offering, straight_on
from reservation.waiting.errors import CannotJoin, OfferIsOver
from tests.factories import NOW, PRAGUE, make_invitation, make_registration, make_site, make_slot
from tests.reservation.conftest import MakePair
from tests.reservation.waiting.conftest import offer, wait

pytestmark = pytest.mark.django_db


def offered_to() -> list[int]:
    return list(SeatOffer.objects.filter(answer="").values_list("entry__registration", flat=True))


def test_the_oldest_gets_a_time_that_is_kept_until_the_answer(site: VaccinationSite, make_pair: MakePair) -> None:
    first, second = make_pair(day=3)
    younger, older = wait(site, date(1945, 1, 1)), wait(site, date(1938, 1, 1))
    assert offer() == 1
    made = SeatOffer.objects.select_related("reservation").get()
    assert made.entry.registration == older
    assert made.answer_by == made.reservation.held_until == NOW + timedelta(hours=24)
    assert made.reservation.is_offered
    assert set(Appointment.objects.filter(reservation=made.reservation).values_list("slot", flat=True)) == {
        first.pk,
        second.pk,
    }
    # PIN2 is new, and stands with the link in the SMS alone.
    sms = Message.objects.get(channel="SMS", template="reservation/seat_offer")
    link = PersonalLink.objects.get(registration=older)
    assert (sms.recipient, link.purpose, link.about) == (str(older.phone), "SEAT_OFFER", str(made.pk))
    assert re.search(r"12\.1\. 09:00.*/o/[A-Z0-9]{16}/ PIN2: \d{4} \d{4}", sms.text)
    assert Invitation.objects.get(registration=older).kind == "OFFER"
    # Nothing is left for the other one, and the sweep leaves what is offered.
    assert offer() == 0
    assert booking.release_expired(now=NOW + timedelta(hours=23)) == 0
    assert entries.standing(younger.pk) is not None
    assert check.wrong_counters() == []


def test_what_is_declined_or_not_answered_goes_to_the_next_one(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=9)
    people = [wait(site, date(year, 1, 1)) for year in (1936, 1938, 1940)]
    offer()
    answering.decline(offer=SeatOffer.objects.get(answer=""), now=NOW)
    with pytest.raises(OfferIsOver):
        answering.decline(offer=SeatOffer.objects.get(), now=NOW)
    offer()
    assert offered_to() == [people[1].pk]
    late = NOW + timedelta(hours=25)
    booking.release_expired(now=late)
    offer(late)
    assert offered_to() == [people[2].pk]
    answering.accept(offer=SeatOffer.objects.get(answer=""), now=late)
    answers = SeatOffer.objects.order_by("pk").values_list("answer", flat=True)
    assert list(answers) == ["DECLINED", "IGNORED", "ACCEPTED"]
    assert entries.standing(people[2].pk) is None
    assert Message.objects.filter(template="reservation/confirmed", recipient=str(people[2].phone)).exists()
    assert [entries.standing(one.pk) is not None for one in people[:2]] == [True, True]


def test_whoever_leaves_two_offers_unanswered_is_told_and_waits_for_pin2_again(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=9)
    make_pair(day=10)
    person = wait(site)
    now = NOW
    for _ in range(2):
        assert offer(now) == 1
        now += timedelta(hours=25)
        booking.release_expired(now=now)
        assert offer(now) == 0, "rests for a day"
        now += timedelta(hours=24)
    assert entries.standing(person.pk) is None
    assert Message.objects.filter(template="reservation/no_more_offers").count() == 1
    Invitation.objects.update(expires_at=now)
    assert order.waiting(rules=order.inviting_rules(now), now=now).filter(pk=person.pk).exists()
    # A second look tells nobody twice.
    offer(now)
    assert Message.objects.filter(template="reservation/no_more_offers").count() == 1


def test_another_choice_gives_the_offered_seats_back_and_is_written_down(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    first, _ = make_pair(day=3)
    other, _ = make_pair(day=4)
    person = wait(site)
    invitation = make_invitation(person)
    offer()
    made = SeatOffer.objects.get()
    # PIN2 that works stays the one that the person knows.
    assert Invitation.objects.get(registration=person) == invitation
    assert "PIN2" not in Message.objects.get(template="reservation/seat_offer").text
    held = booking.hold(invitation_id=invitation.pk, slot_id=other.pk, now=NOW)
    with pytest.raises(OfferIsOver):
        answering.accept(offer=made, now=NOW)
    first.refresh_from_db()
    made.refresh_from_db()
    assert (first.booked, made.answer) == (0, "CHANGED")
    booking.confirm(reservation_id=held.reservation_id, registration_id=person.pk, now=NOW)
    offer()
    assert entries.standing(person.pk) is None, "whoever reserved leaves the list"


def test_whoever_waits_for_pin2_and_comes_before_the_list_is_invited_first(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3)
    listed = wait(site, date(1940, 1, 1))
    make_registration(birth_date=date(1945, 1, 1), sites=(site,))
    before = make_registration(birth_date=date(1936, 1, 1), sites=(site,))
    assert offer() == 0
    assert invitations.invite(limit=5, now=NOW).invited == 1
    assert Invitation.objects.get().registration == before
    make_pair(day=4)
    # Of two pairs one is promised to who has PIN2; the other is offered, and whoever stands on the list gets no PIN2.
    assert offer() == 1
    assert offered_to() == [listed.pk]
    assert not Invitation.objects.filter(registration=listed, kind="TURN").exists()


@pytest.mark.parametrize(
    ("now", "starts", "expected"),
    [
        ("2027-01-11 09:00", "2027-01-20 10:00", "2027-01-12 09:00"),
        # Twelve hours before the time; of the night the evening before; too soon is offered to nobody.
        ("2027-01-11 09:00", "2027-01-12 10:00", "2027-01-11 20:00"),
        ("2027-01-11 09:00", "2027-01-12 06:00", "2027-01-11 18:00"),
        ("2027-01-11 18:30", "2027-01-12 09:00", None),
        # By the clock on the wall also where the night has 23 hours.
        ("2027-03-27 09:00", "2027-04-20 10:00", "2027-03-28 09:00"),
    ],
)
def test_the_deadline_is_by_day_and_well_before_the_time(now: str, starts: str, expected: str | None) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=PRAGUE)

    found = deadlines.answer_by(moment(starts), now=moment(now))
    assert found == (moment(expected) if expected else None)


def test_the_deadline_is_by_day_whatever_hours_are_set(settings: Settings) -> None:
    settings.OFFER_HOURS = 12
    told = NOW.replace(hour=15)
    assert deadlines.answer_by(NOW + timedelta(days=9), now=told) == told.replace(hour=20)


def test_who_waits_for_a_full_site_holds_up_nobody_and_is_invited_elsewhere(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3, capacity=2)
    full = make_site("Nemocnice Bulovka", "CZ0100")
    stuck = wait(full, date(1930, 1, 1))
    younger = make_registration(birth_date=date(1945, 1, 1), sites=(site,))
    assert offer() == 0
    assert invitations.invite(limit=5, now=NOW).invited == 2
    assert set(Invitation.objects.values_list("registration", flat=True)) == {stuck.pk, younger.pk}
    assert entries.standing(stuck.pk) is not None


def test_nobody_is_written_to_at_night(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    wait(site)
    assert offer(NOW.replace(hour=22)) == 0
    assert offer(NOW.replace(hour=5)) == 0
    assert offer(NOW) == 1


def test_whose_invitations_are_paused_is_offered_nothing_until_they_ask(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    """They were told that nothing is sent any more; the time goes to the next one, and their place stays."""
    make_pair(day=9, capacity=1)
    make_pair(day=10, capacity=1)
    silent, next_one = wait(site, date(1930, 1, 1)), wait(site)
    InvitationPause.objects.create(registration=silent, paused_at=NOW)
    assert offer() == 1
    assert SeatOffer.objects.get().entry.registration == next_one
    unused.resume(registration_id=silent.pk, now=NOW)
    assert offer() == 1
    assert entries.open_offer(silent.pk) is not None


def test_who_can_be_offered_nothing_stands_on_no_list(site: VaccinationSite) -> None:
    for fields in ({"phone": ""}, {"by_letter": True}, {"is_immobile": True}, {"doses_received": 1}):
        person = make_registration(sites=(site,), **fields)
        with pytest.raises(CannotJoin):
            entries.join(registration_id=person.pk, now=NOW)
    with pytest.raises(CannotJoin):
        entries.join(registration_id=make_registration().pk, now=NOW)
    person = wait(site)
    entries.join(registration_id=person.pk, now=NOW)
    assert WaitingListEntry.objects.count() == 1, "once, however often"
    # Whoever says meanwhile that no site suits them is invited like everybody.
    person.preferred_sites.clear()
    offer()
    assert entries.standing(person.pk) is None


def test_a_registration_that_ends_leaves_the_list_and_its_seats(site: VaccinationSite, make_pair: MakePair) -> None:
    first, _ = make_pair(day=3)
    person = wait(site)
    offer()
    ending.end(registration=person, ending=Registration.Ending.LEFT, now=NOW)
    first.refresh_from_db()
    assert (first.booked, SeatOffer.objects.get().answer) == (0, "DECLINED")
    assert Reservation.objects.get().state == "CANCELLED"
    assert entries.standing(person.pk) is None


def test_whoever_can_take_none_of_the_free_times_keeps_them_from_nobody(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3, capacity=3)
    for number in range(offering.BATCH + 1):
        _postponed(wait(site, date(1930, 1, 1) + timedelta(days=number)))
    fitting = wait(site, date(1940, 1, 1))
    # More than a batch of older people who have to wait after an illness do not keep the run from the next one.
    assert offer() == 1
    assert offered_to() == [fitting.pk]
    # Nor is a seat kept for them before the others: by straight on, and by invitations.
    straight_on.count(now=NOW)
    behind = make_registration(birth_date=date(1946, 1, 1), sites=(site,))
    assert straight_on.look(facts_of(behind), ["CZ010"], NOW, NOW) is Outlook.GO
    assert invitations.invite(limit=9, now=NOW).invited == 1


def test_more_free_times_are_offered_to_those_for_whom_none_was_found(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(day=3)
    person = _postponed(wait(site, date(1930, 1, 1)))
    assert offer() == 0
    # A minute later there is a time for them, which nobody behind them gets.
    make_pair(day=60)
    wait(site, date(1940, 1, 1))
    assert offer(NOW + timedelta(minutes=1)) == 2
    assert person.pk in offered_to()
    assert Slot.objects.get(appointments__reservation__registration=person, appointments__dose_number=1).day == (
        NOW.date() + timedelta(days=60)
    )


def test_whoever_others_come_before_is_next_when_those_are_gone(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3, capacity=2)
    listed = wait(site, date(1940, 1, 1))
    make_registration(birth_date=date(1936, 1, 1), sites=(site,))
    assert offer() == 0, "somebody older waits for PIN2"
    invitations.invite(limit=5, now=NOW)
    assert offer() == 1
    assert offered_to() == [listed.pk]


def test_only_those_are_looked_at_whose_own_site_has_times_and_room(site: VaccinationSite, make_pair: MakePair) -> None:
    """Prague's one pair is promised, and in Brno only a site has times that nobody of them chose."""
    make_pair(day=3)
    make_invitation(make_registration(birth_date=date(1920, 1, 1), sites=(site,)))
    full, other = make_site("Brno", "CZ0642"), make_site("Brno, výstaviště", "CZ0642")
    make_slot(3, "09:00", "ANY", 5, site=other)
    make_slot(24, "09:00", "ANY", 5, site=other)
    people = [make_registration(birth_date=date(1930, 1, 1), sites=(site, full)) for _ in range(3)]
    for person in people:
        entries.join(registration_id=person.pk, now=NOW)
    folding.fold(now=NOW)
    room, rules = rooms(NOW)[0], order.inviting_rules(NOW)
    assert set(room.by_region()) == {"CZ064"}
    assert not offering.offerable(room=room, rules=rules, now=NOW).exists()


def test_who_declined_the_soonest_times_is_offered_later_ones(site: VaccinationSite, make_pair: MakePair) -> None:
    times = [make_pair(day=40, clock=f"09:{minute}0") for minute in range(offering.TIMES_OF_A_SITE)]
    wait(site)
    now = NOW
    for _ in times:
        assert offer(now) == 1
        answering.decline(offer=SeatOffer.objects.get(answer=""), now=now)
        now += timedelta(hours=25)
    assert offer(now) == 0, "all were declined"
    last, _ = make_pair(day=41)
    assert offer(now + timedelta(minutes=1)) == 1
    assert Appointment.objects.filter(reservation__state="HELD", slot=last).exists()


def test_an_offer_that_nobody_has_written_down_yet_stops_no_run(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=9, capacity=2)
    person = wait(site)
    offer()
    late = NOW + timedelta(hours=25)
    # The hold ends after `settle` of the run, and before its turn.
    booking.release_expired(now=late)
    folding.fold(now=late)
    run = offering._Run(order.inviting_rules(late), late)
    assert not run.offer_to(person.pk)
    assert offer(late) == 0
    assert SeatOffer.objects.get().answer == "IGNORED"


def test_a_time_that_the_site_closed_is_no_answer_of_the_person(site: VaccinationSite, make_pair: MakePair) -> None:
    closed, _ = make_pair(day=9)
    person = wait(site)
    offer()
    made = SeatOffer.objects.get()
    Slot.objects.filter(pk=closed.pk).update(is_closed=True)
    with pytest.raises(errors.SlotClosed):
        answering.accept(offer=made, now=NOW)
    made.refresh_from_db()
    assert made.answer == "VOID"
    # So they do not rest, and what an illness took from them is none, either.
    make_pair(day=10)
    assert offer(NOW + timedelta(minutes=1)) == 1
    ill = NOW + timedelta(minutes=2)
    postponing.postpone(registration_id=person.pk, ended_on=NOW.date(), now=ill)
    offer(ill)
    assert set(SeatOffer.objects.values_list("answer", flat=True)) == {"VOID"}


def test_pin2_that_works_stays_though_it_ends_before_the_answer(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=9)
    invitation = make_invitation(wait(site), expires_at=NOW + timedelta(hours=2))
    offer()
    made = SeatOffer.objects.get()
    assert list(Invitation.objects.values_list("pk", "revoked_at")) == [(invitation.pk, None)]
    assert answering.invitation_of(made, now=NOW) == invitation
    # Once it has ended, the link still leads to another choice, and a new one comes for the way back.
    later = NOW + timedelta(hours=3)
    issued = answering.invitation_of(made, now=later)
    assert (issued.kind, issued.expires_at > later) == ("OFFER", True)
    assert Message.objects.filter(template="reservation/invitation", channel="SMS").count() == 1
    answering.decline(offer=made, now=later)
    with pytest.raises(OfferIsOver):
        answering.invitation_of(made, now=later)


def _postponed(person: Registration) -> Registration:
    Postponement.objects.create(
        registration=person, ended_on=NOW.date(), not_before=NOW.date() + timedelta(days=50), made_at=NOW
    )
    return person
