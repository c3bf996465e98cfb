"""What the diary of a substitute is told: the time of today, and the one of before where they cannot come after all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from crs.messaging.errors import NotWanted
from crs.messaging.models import Message
from crs.messaging.outbox import attachment_maker
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.models import Reservation, Slot, SubstituteOffer
from reservation.reserving import booking
from reservation.substitutes import answering
from tests import factories
from tests.factories import NOW
from tests.reservation.conftest import MakePair
from tests.reservation.substitutes.conftest import Agree, Call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def substitute(make_substitute: Agree, site: VaccinationSite) -> Registration:
    """Somebody with an e-mail; a slot of today begins when the substitutes come."""
    factories.make_slot(0, "09:45", "SUBSTITUTE", 5, site=site)
    return make_substitute(email="jana@example.cz")


def offer_to(person: Registration) -> SubstituteOffer:
    return SubstituteOffer.objects.get(registration=person)


def email(name: str) -> Message:
    return Message.objects.get(template=f"reservation/{name}", channel=Message.Channel.EMAIL)


def events(name: str) -> dict[str, Any]:
    """The event of each calendar file that goes with the e-mail, by the name of the file."""
    found = email(name)
    maker = attachment_maker(found.template)
    assert maker
    made = maker(found.reference, "cs")
    assert made[0].name == "potvrzeni.pdf"
    return {file.name: Calendar.from_ical(file.content).walk("VEVENT")[0] for file in made[1:]}


def sent(name: str) -> list[str]:
    rows = Message.objects.filter(template=f"reservation/{name}").exclude(state=Message.State.CANCELLED)
    return sorted(rows.values_list("channel", flat=True))


def starts(event: Any) -> datetime:
    moment: datetime = event["DTSTART"].dt
    return moment


def test_who_comes_gets_today_into_the_diary_and_who_then_cannot_has_it_taken_out(
    substitute: Registration, call: Call
) -> None:
    call()
    answering.accept(offer_id=offer_to(substitute).pk, now=NOW)
    assert sent("substitute_comes") == ["EMAIL", "SMS"]
    today = events("substitute_comes")
    assert list(today) == ["termin-1-davka.ics"]
    assert starts(today["termin-1-davka.ics"]) == Slot.objects.get(for_doses="SUBSTITUTE").starts_at
    answering.decline(offer_id=offer_to(substitute).pk, now=NOW + MINUTE)
    assert sent("substitute_comes") == []  # what still waited is withdrawn
    with pytest.raises(NotWanted):
        events("substitute_comes")
    assert sent("substitute_off") == ["EMAIL"]
    gone = events("substitute_off")
    assert list(gone) == ["zruseno-1-davka.ics"]
    cancelled, was = gone["zruseno-1-davka.ics"], today["termin-1-davka.ics"]
    assert (cancelled["UID"], cancelled["STATUS"]) == (was["UID"], "CANCELLED")
    assert cancelled["SEQUENCE"] > was["SEQUENCE"]


def test_a_later_time_moves_in_the_diary_with_the_dose_after_it_and_comes_back(
    substitute: Registration, call: Call, site: VaccinationSite
) -> None:
    had = factories.make_reservation(substitute, site=site, day=30)
    before, following = (one.slot.starts_at for one in had.appointments.order_by("dose_number"))
    # The reminder of a time that has moved still waits.
    reminder = Message.objects.create(
        channel=Message.Channel.SMS,
        recipient=str(substitute.phone),
        template="reservation/reminder",
        reference=str(had.appointments.get(dose_number=1).pk),
    )
    call()
    answering.accept(offer_id=offer_to(substitute).pk, now=NOW)
    today = events("substitute_comes")
    assert list(today) == ["termin-1-davka.ics", "termin-2-davka.ics"]
    first, second = today.values()
    assert str(first["UID"]).startswith(f"{had.pk}-1@")
    assert (starts(first), first["STATUS"]) == (Slot.objects.get(for_doses="SUBSTITUTE").starts_at, "CONFIRMED")
    # 51 days after today are too many: the dose keeps its time until the site has found another one.
    assert (starts(second), second["STATUS"]) == (following, "TENTATIVE")
    assert first["SEQUENCE"] > 0
    assert Message.objects.get(pk=reminder.pk).state == "CANCELLED"
    assert "Na ten prosím nechoďte." in email("substitute_comes").text
    answering.decline(offer_id=offer_to(substitute).pk, now=NOW + MINUTE)
    assert sent("substitute_back") == ["EMAIL", "SMS"]
    again = events("substitute_back")
    assert {name: (starts(one), one["STATUS"]) for name, one in again.items()} == {
        "termin-1-davka.ics": (before, "CONFIRMED"),
        "termin-2-davka.ics": (following, "CONFIRMED"),
    }
    assert again["termin-1-davka.ics"]["SEQUENCE"] > first["SEQUENCE"]
    assert sent("substitute_off") == []


def test_a_later_time_that_is_gone_takes_all_times_out_of_the_diary(
    substitute: Registration, call: Call, site: VaccinationSite
) -> None:
    had = factories.make_reservation(substitute, site=site, day=5)
    call()
    answering.accept(offer_id=offer_to(substitute).pk, now=NOW)
    Slot.objects.filter(pk=offer_to(substitute).moved_from_id or 0).update(capacity=0)
    answering.decline(offer_id=offer_to(substitute).pk, now=NOW + MINUTE)
    assert Reservation.objects.get(pk=had.pk).state == "CANCELLED"
    gone = events("substitute_lost")
    assert list(gone) == ["zruseno-1-davka.ics", "zruseno-2-davka.ics"]
    assert {one["STATUS"] for one in gone.values()} == {"CANCELLED"}


def test_a_hold_that_is_given_up_was_in_no_diary(make_substitute: Agree, call: Call, make_pair: MakePair) -> None:
    first, _second = make_pair()
    choosing = factories.make_invitation(factories.make_registration(email="jana@example.cz")).registration
    booking.hold(invitation_id=choosing.invitations.get().pk, slot_id=first.pk, now=NOW)
    make_substitute(choosing)
    call()
    answering.accept(offer_id=offer_to(choosing).pk, now=NOW)
    assert list(events("substitute_comes")) == ["termin-1-davka.ics"]
    assert "Na ten prosím nechoďte." not in email("substitute_comes").text
