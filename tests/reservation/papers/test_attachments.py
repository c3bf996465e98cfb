"""The files of each message about times, made when the worker comes to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from icalendar import Calendar

from crs.messaging.errors import NotWanted
from crs.messaging.models import Message
from crs.messaging.outbox import File, attachment_maker
from registration.applying import ending
from registration.models import Registration
from reservation.affected import affected
from reservation.arranging import arrangements
from reservation.models import AffectedAppointment, Appointment, Reservation
from reservation.papers import past_changes
from reservation.reserving import booking
from tests.factories import NOW, make_invitation, make_registration
from tests.pages import text_of_pdf
from tests.reservation.conftest import Make, MakePair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Cause = AffectedAppointment.Cause
MESSAGES = settings.BASE_DIR / "templates" / "reservation" / "messages"


@pytest.fixture
def reservation(make_pair: MakePair) -> Reservation:
    """Both doses, tomorrow and three weeks later."""
    first, _ = make_pair()
    invitation = make_invitation(make_registration(email="jana@example.cz"))
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    return Reservation.objects.select_related("registration").get(pk=held.reservation_id)


def dose(reservation: Reservation, number: int) -> Appointment:
    return Appointment.objects.get(reservation=reservation, dose_number=number)


def files(template: str, reference: object) -> dict[str, File]:
    """What goes with an e-mail of `template`, by name."""
    maker = attachment_maker(template)
    assert maker
    return {file.name: file for file in maker(str(reference), "cs")}


def event(file: File) -> Any:
    [found] = Calendar.from_ical(file.content).walk("VEVENT")
    return found


def paper(made: dict[str, File]) -> str:
    return text_of_pdf(made["potvrzeni.pdf"].content)


# They tell no time that was changed: of PIN2, of an offer, and the reminder of what was told before.
OF_NO_TIME = {"invitation", "pin2_ends", "paused", "seat_offer", "no_more_offers", "reminder"}
# Nobody has a time yet whom a site asks whether they come.
WITHOUT_FILES = OF_NO_TIME | {"substitute_offer"}


@pytest.mark.parametrize(
    "template", sorted({path.name.partition(".")[0] for path in MESSAGES.glob("*.email.txt")} - WITHOUT_FILES)
)
def test_every_message_about_times_has_files(template: str) -> None:
    assert attachment_maker(f"reservation/{template}")


def test_a_moved_dose_is_told_to_the_diary_under_its_uid(reservation: Reservation, make_slot: Make) -> None:
    before = files("reservation/confirmed", reservation.pk)
    assert list(before) == ["potvrzeni.pdf", "termin-1-davka.ics", "termin-2-davka.ics"]
    other = make_slot(23, "10:00", "SECOND")
    arrangements.move(appointment=dose(reservation, 2), slot_id=other.pk, now=NOW)
    after = files("reservation/arranged", reservation.pk)
    old, new = (event(made["termin-2-davka.ics"]) for made in (before, after))
    assert (new["UID"], new["DTSTART"].dt) == (old["UID"], other.starts_at)
    assert old["SEQUENCE"] == 0 < new["SEQUENCE"]
    assert after["termin-2-davka.ics"].content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert paper(after).count("Toto je nový termín.") == 1
    assert "Starší potvrzení už neplatí." in paper(after)
    assert "Starší" not in paper(before)


def test_an_older_email_that_is_made_late_carries_the_newer_times(reservation: Reservation, make_slot: Make) -> None:
    other = make_slot(2, "10:00")
    arrangements.move(appointment=dose(reservation, 1), slot_id=other.pk, now=NOW)
    late = files("reservation/confirmed", reservation.pk)
    assert event(late["termin-1-davka.ics"])["DTSTART"].dt == other.starts_at


def test_two_changes_in_one_transaction_count_as_two(reservation: Reservation, make_slot: Make) -> None:
    slots = [make_slot(2, "10:00"), make_slot(3, "10:00")]
    with transaction.atomic():
        for slot in slots:
            arrangements.move(appointment=dose(reservation, 1), slot_id=slot.pk, now=NOW)
    assert (
        event(files("reservation/arranged", reservation.pk)["termin-1-davka.ics"])["SEQUENCE"]
        == 2 * past_changes.CHANGE
    )


def test_a_dose_that_is_not_needed_is_taken_out_of_the_diary(reservation: Reservation) -> None:
    arrangements.fulfil(appointment_id=dose(reservation, 1).pk)
    gone = dose(reservation, 2).slot.starts_at
    arrangements.release_series(registration_id=reservation.registration_id, after=1, now=NOW)
    made = files("reservation/not_needed", reservation.pk)
    assert list(made) == ["potvrzeni.pdf", "zruseno-2-davka.ics"]
    file = made["zruseno-2-davka.ics"]
    assert file.content_type == "text/calendar; charset=utf-8; method=CANCEL"
    cancelled = event(file)
    assert str(cancelled["UID"]).startswith(f"{reservation.pk}-2@")
    assert (cancelled["STATUS"], cancelled["DTSTART"].dt) == ("CANCELLED", gone)
    assert cancelled["SEQUENCE"] > 0
    assert "Tento termín je zrušený." in paper(made)


def test_a_dose_that_was_given_back_and_booked_again_comes_back_to_the_diary(
    reservation: Reservation, make_slot: Make
) -> None:
    arrangements.fulfil(appointment_id=dose(reservation, 1).pk)
    arrangements.release_series(registration_id=reservation.registration_id, after=1, now=NOW)
    cancelled = event(files("reservation/not_needed", reservation.pk)["zruseno-2-davka.ics"])
    slot = make_slot(24, "08:00", "SECOND")
    arrangements.book_next(registration=reservation.registration, dose_number=2, slot_id=slot.pk, now=NOW)
    made = files("reservation/arranged", reservation.pk)
    assert list(made) == ["potvrzeni.pdf", "termin-2-davka.ics"]
    again = event(made["termin-2-davka.ics"])
    assert (again["UID"], again["STATUS"]) == (cancelled["UID"], "CONFIRMED")
    assert again["SEQUENCE"] > cancelled["SEQUENCE"]


def test_whoever_missed_the_first_dose_has_the_second_taken_out(reservation: Reservation) -> None:
    tomorrow = NOW + timedelta(days=1)
    arrangements.miss(appointment=dose(reservation, 1), now=tomorrow)
    made = files("reservation/missed_first", reservation.pk)
    assert list(made) == ["potvrzeni.pdf", "zruseno-2-davka.ics"]
    assert "Vaše termíny jsou zrušené" in paper(made)
    with pytest.raises(NotWanted):  # the confirmation that still waits would be a lie
        files("reservation/confirmed", reservation.pk)


def test_a_registration_that_ends_takes_its_times_out_of_the_diary(reservation: Reservation) -> None:
    ending.end(registration=reservation.registration, ending=Registration.Ending.LEFT, now=NOW)
    email = Message.objects.get(template="registration/ended", channel=Message.Channel.EMAIL)
    made = files(email.template, email.reference)
    assert list(made) == ["potvrzeni.pdf", "zruseno-1-davka.ics", "zruseno-2-davka.ics"]
    assert all(event(made[f"zruseno-{number}-davka.ics"])["SEQUENCE"] > 0 for number in (1, 2))


def test_the_end_of_a_registration_without_times_has_no_files() -> None:
    assert files("registration/ended", make_registration().number) == {}


def test_a_time_that_will_not_hold_is_tentative_until_it_moves(reservation: Reservation, make_slot: Make) -> None:
    first = dose(reservation, 1)
    affected.hand_over(appointment_ids=[first.pk], cause=Cause.HOURS, now=NOW)
    made = files("reservation/affected", reservation.pk)
    assert [event(made[f"termin-{number}-davka.ics"])["STATUS"] for number in (1, 2)] == ["TENTATIVE", "CONFIRMED"]
    doubtful = event(made["termin-1-davka.ics"])["SEQUENCE"]
    assert doubtful > 0
    assert "Tento termín platit nebude: očkovací místo mění otevírací dobu." in paper(made)
    arrangements.move(appointment=first, slot_id=make_slot(4).pk, now=NOW)
    made = files("reservation/arranged", reservation.pk)
    moved = event(made["termin-1-davka.ics"])
    assert moved["STATUS"] == "CONFIRMED"
    assert moved["SEQUENCE"] > doubtful
    assert "nebude" not in paper(made)


def test_a_time_that_holds_after_all_is_certain_again(reservation: Reservation) -> None:
    keys = affected.hand_over(appointment_ids=[dose(reservation, 1).pk], cause=Cause.HOURS, now=NOW)
    affected.keep(affected_ids=keys, by=None, now=NOW)
    again = event(files("reservation/kept", reservation.pk)["termin-1-davka.ics"])
    assert (again["STATUS"], again["SEQUENCE"]) == ("CONFIRMED", 2)


def test_the_number_rises_also_where_the_doubt_goes_with_its_appointment(reservation: Reservation) -> None:
    arrangements.fulfil(appointment_id=dose(reservation, 1).pk)
    keys = affected.hand_over(appointment_ids=[dose(reservation, 2).pk], cause=Cause.HOURS, now=NOW)
    affected.keep(affected_ids=keys, by=None, now=NOW)
    kept = event(files("reservation/kept", reservation.pk)["termin-2-davka.ics"])["SEQUENCE"]
    arrangements.release_series(registration_id=reservation.registration_id, after=1, now=NOW)
    assert not AffectedAppointment.objects.exists()
    assert event(files("reservation/not_needed", reservation.pk)["zruseno-2-davka.ics"])["SEQUENCE"] > kept


def test_a_cancelled_time_that_has_passed_is_told_no_more(reservation: Reservation, clock: Any) -> None:
    arrangements.fulfil(appointment_id=dose(reservation, 1).pk)
    arrangements.release_series(registration_id=reservation.registration_id, after=1, now=NOW)
    clock.shift(timedelta(days=30))
    assert list(files("reservation/not_needed", reservation.pk)) == ["potvrzeni.pdf"]


def test_that_a_time_cannot_stay_is_not_told_once_it_has_moved(reservation: Reservation, make_slot: Make) -> None:
    first = dose(reservation, 1)
    affected.hand_over(appointment_ids=[first.pk], cause=Cause.HOURS, now=NOW)
    arrangements.move(appointment=first, slot_id=make_slot(2, "10:00").pk, now=NOW)
    with pytest.raises(NotWanted):
        files("reservation/affected", reservation.pk)
