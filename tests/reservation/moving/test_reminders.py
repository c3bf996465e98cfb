"""The day before a dose people are reminded once, and one press gives their place back."""

import re
import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import PriorityClaim
from reservation.models import Appointment, PersonalLink, Reservation, Slot
from reservation.moving import moving, reminders
from tests import pages
from tests.factories import NOW, make_affected, make_invitation, make_registration, make_reservation
from tests.pages import form_key, text_of
from tests.race import race
from tests.reservation.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
YESTERDAY = NOW - timedelta(days=1)


def reserved(site: VaccinationSite, day: int = 1, **person: object) -> Reservation:
    return make_reservation(make_registration(**person), site=site, day=day, confirmed_at=YESTERDAY)  # type: ignore[arg-type]


def sent() -> list[Message]:
    return list(Message.objects.filter(template="reservation/reminder").order_by("pk"))


def link_in(message: Message) -> str:
    """The address of the link, without the host."""
    found = re.search(r"/o/\w+/", message.text)
    assert found
    return found[0]


def test_whoever_has_a_dose_tomorrow_is_reminded_once(site: VaccinationSite) -> None:
    reserved(site, email="jana@example.cz")
    reserved(site, day=2)
    reserved(site, day=-20)  # dose 2 is tomorrow
    make_reservation(site=site, day=1)  # confirmed today
    reserved(site, phone="")  # a letter would come too late
    make_affected(reserved(site, day=1, email="b@example.cz").appointments.get(dose_number=1))
    assert reminders.send_due(now=NOW) == 2
    assert sorted(message.channel for message in sent()) == ["EMAIL", "SMS", "SMS"]
    assert reminders.send_due(now=NOW + timedelta(hours=1)) == 0
    # One link of one's own for each way in which somebody is reached
    assert PersonalLink.objects.count() == 3


def test_what_people_bring_is_asked_once_for_all_who_are_reminded(site: VaccinationSite) -> None:
    for number in range(3):
        person = reserved(site, email=f"a{number}@example.cz").registration
        PriorityClaim.objects.create(registration=person, group_id="care-home-clients")
    with CaptureQueriesContext(connection) as queries:
        assert reminders.send_due(now=NOW) == 3
    assert sum("potvrzení" in (message.text or "") for message in sent() if message.channel == "EMAIL") == 3
    for table in ("registration_priorityclaim", "registration_grouprule"):
        assert sum(f'FROM "{table}"' in query["sql"] for query in queries.captured_queries) == 1, table


def test_a_time_that_is_moved_after_the_reminder_takes_it_back(site: VaccinationSite, make_slot: Make) -> None:
    reservation = reserved(site)
    reminders.send_due(now=NOW)
    make_slot(2 + 21, "10:00", "SECOND")
    slot = make_slot(2, "10:00")
    moving.move(registration_id=reservation.registration_id, dose=1, slot_id=slot.pk, now=NOW)
    assert [message.state for message in sent()] == ["CANCELLED"]
    # The day before the new time they are reminded again.
    assert reminders.send_due(now=NOW + timedelta(days=1)) == 1


def test_the_reminder_of_a_dose_goes_out_though_a_later_one_is_moved(site: VaccinationSite, make_slot: Make) -> None:
    reservation = reserved(site)
    reminders.send_due(now=NOW)
    make_slot(25, "10:00", "ANY")
    slot = make_slot(26, "10:00", "ANY")
    moving.move(registration_id=reservation.registration_id, dose=2, slot_id=slot.pk, now=NOW)
    assert [message.state for message in sent()] == ["QUEUED"]
    moving.cancel(registration_id=reservation.registration_id, now=NOW)
    assert [message.state for message in sent()] == ["CANCELLED"]


@pytest.fixture
def told(site: VaccinationSite) -> tuple[Reservation, Message, Message]:
    """Somebody who was reminded by SMS and by e-mail."""
    reservation = reserved(site, email="jana@example.cz")
    make_invitation(reservation.registration)
    reminders.send_due(now=NOW)
    sms, email = sorted(sent(), key=lambda message: message.channel != "SMS")
    return reservation, sms, email


def test_the_link_in_the_sms_gives_the_place_back_with_one_press_and_leads_to_other_times(
    client: Client, told: tuple[Reservation, Message, Message]
) -> None:
    reservation, sms, email = told
    assert sms.is_secret
    assert not email.is_secret
    browser = pages.english(client)
    for method in (browser.head, browser.get):
        assert method(link_in(sms)).status_code == 302
    page = browser.get(link_in(sms), follow=True)
    assert page.redirect_chain == [("/rezervace/nemohu-prijit/", 302)]
    assert "I cannot come" in text_of(page)
    assert "Jana" not in text_of(page)
    browser.head("/rezervace/nemohu-prijit/")
    reservation.refresh_from_db()
    assert reservation.state == "CONFIRMED"  # neither a GET nor a HEAD acts
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert seen
    press = {"seen": seen[1], "form_key": form_key(page)}
    answer = browser.post("/rezervace/nemohu-prijit/", press, follow=True)
    assert answer.redirect_chain[0] == ("/rezervace/misto/", 302)
    assert "Choose a vaccination site" in text_of(answer)
    reservation.refresh_from_db()
    assert reservation.state == "CANCELLED"
    assert set(Slot.objects.values_list("booked", flat=True)) == {0}
    # The link opens nothing any more.
    assert "not yours any more" in text_of(browser.get(link_in(email), follow=True))


def test_the_link_in_the_email_gives_back_too_and_then_asks_for_pin2(
    client: Client, told: tuple[Reservation, Message, Message]
) -> None:
    reservation, _sms, email = told
    browser = pages.english(client)
    page = browser.get(link_in(email), follow=True)
    seen = re.search(r'name="seen" value="([^"]*)"', page.content.decode())
    assert seen
    answer = browser.post("/rezervace/nemohu-prijit/", {"seen": seen[1], "form_key": form_key(page)})
    assert answer["Location"] == "/rezervace/"
    reservation.refresh_from_db()
    assert reservation.state == "CANCELLED"


def test_what_the_page_did_not_show_is_not_given_back(
    client: Client, told: tuple[Reservation, Message, Message], make_slot: Make
) -> None:
    reservation, sms, _email = told
    browser = pages.english(client)
    page = browser.get(link_in(sms), follow=True)
    answer = browser.post("/rezervace/nemohu-prijit/", {"seen": "else", "form_key": form_key(page)})
    assert "Please check them once more" in text_of(answer)
    reservation.refresh_from_db()
    assert reservation.state == "CONFIRMED"


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_remind_each_person_once(site: VaccinationSite) -> None:
    for _person in range(6):
        reserved(site)
    assert sum(race(*[partial(reminders.send_due, now=NOW)] * 4)) == 6
    assert len(sent()) == 6


@pytest.mark.django_db(transaction=True)
def test_control_twin_of_runs_that_do_not_look_again_under_the_locks_reminds_twice(site: VaccinationSite) -> None:
    appointment = reserved(site).appointments.get(dose_number=1)
    due = partial(reminders._due, [appointment.pk], NOW.replace(hour=0))
    both_have_looked = threading.Barrier(2, timeout=30)

    def remind() -> int:
        with transaction.atomic():
            found = list(due().select_related("slot__site", "reservation__registration__person"))
            both_have_looked.wait()
            Reservation.objects.select_for_update().get(pk=appointment.reservation_id)
            return sum(len(reminders._messages(one, NOW)) for one in found)

    assert sum(race(remind, remind)) == 2
    assert PersonalLink.objects.filter(about=str(appointment.pk), is_by_phone=True).count() == 2
    assert Appointment.objects.filter(pk=appointment.pk, state="BOOKED").exists()
