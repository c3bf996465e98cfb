"""The pages on which a person changes their times, or cancels them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import GroupRule, Registration
from reservation.arranging import arrangements
from reservation.free_seats import folding
from reservation.models import Invitation, Reservation, Slot
from tests.factories import NOW, make_reservation, make_site
from tests.pages import Page, form_key, text_of
from tests.reservation.conftest import LOG_IN, Make, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CHANGES, CANCEL = "/rezervace/zmena/", "/rezervace/zrusit/"


@pytest.fixture
def reserved(english: Client, marie: Invitation, site: VaccinationSite) -> Reservation:
    """Marie has times in three days and 21 days later, and is logged in."""
    reservation = make_reservation(marie.registration, site=site, day=3)
    log_in(english)
    return reservation


def pressed(page: Page) -> dict[str, str]:
    """What the browser sends from the page that shows what would change."""
    hidden = dict(re.findall(r'name="(seen|slot)" value="([^"]*)"', page.content.decode()))
    return {**hidden, "form_key": form_key(page)}


def days_of(reservation: Reservation) -> list[int]:
    days = reservation.appointments.order_by("dose_number").values_list("slot__day", flat=True)
    return [(day - NOW.date()).days for day in days]


def test_all_doses_move_to_another_site_in_a_few_presses(
    english: Client, reserved: Reservation, make_slot: Make
) -> None:
    elsewhere = make_site("Poliklinika Jih", "CZ0100")
    slot = make_slot(5, "10:00", site=elsewhere)
    make_slot(26, "10:00", "SECOND", site=elsewhere)
    folding.fold(now=NOW)
    assert CHANGES in english.get("/rezervace/hotovo/").content.decode()
    page = english.get(CHANGES)
    assert "Change the times of all doses" in text_of(page)
    assert "Dose 2 can be moved" in text_of(page)
    path = f"{CHANGES}1/misto/"
    listed = english.get(path)
    assert "Your present times stay yours until you confirm the new ones." in text_of(listed)
    assert f'href="{path}{elsewhere.pk}/"' in listed.content.decode()
    day = english.get(f"{path}{elsewhere.pk}/")
    assert f'href="{path}{elsewhere.pk}/2027-01-16/"' in day.content.decode()
    times = english.get(f"{path}{elsewhere.pk}/2027-01-16/")
    assert f'action="{CHANGES}1/"' in times.content.decode()
    look = english.post(f"{CHANGES}1/", {"slot": slot.pk})
    shown = text_of(look)
    assert "Until now: Thursday 14 January 2027, 9:00" in shown
    assert "Saturday 16 January 2027, 10:00" in shown
    assert "Saturday 6 February 2027, 10:00" in shown
    assert days_of(reserved) == [3, 24]
    press = pressed(look)
    for _click in range(2):
        assert english.post(f"{CHANGES}1/", press).headers["Location"] == "/rezervace/hotovo/"
    assert days_of(reserved) == [5, 26]
    assert Message.objects.filter(template="reservation/moved").count() == 1
    confirmed = text_of(english.get("/rezervace/hotovo/"))
    assert "Your times are changed." in confirmed
    assert "This is the new time." in confirmed


def test_a_later_dose_is_chosen_at_its_site(english: Client, reserved: Reservation, make_slot: Make) -> None:
    slot, late = make_slot(30, "11:00", "SECOND"), make_slot(50, "11:00", "SECOND")
    folding.fold(now=NOW)
    site = slot.site
    assert english.get(f"{CHANGES}2/misto/").headers["Location"] == f"{CHANGES}2/misto/{site.pk}/"
    page = english.get(f"{CHANGES}2/misto/{site.pk}/").content.decode()
    assert f"{slot.day:%Y-%m-%d}/" in page
    assert f"{late.day:%Y-%m-%d}/" not in page
    look = english.post(f"{CHANGES}2/", {"slot": slot.pk})
    english.post(f"{CHANGES}2/", pressed(look))
    assert days_of(reserved) == [3, 30]


def test_a_time_that_went_meanwhile_is_answered_by_others_and_the_old_one_stays(
    english: Client, reserved: Reservation, make_slot: Make
) -> None:
    taken, other = make_slot(5, "10:00"), make_slot(5, "11:00")
    make_slot(26, "10:00", "SECOND", capacity=2)
    folding.fold(now=NOW)
    look = english.post(f"{CHANGES}1/", {"slot": taken.pk})
    Slot.objects.filter(pk=taken.pk).update(capacity=0)
    page = english.post(f"{CHANGES}1/", pressed(look))
    assert page.status_code == 409
    assert "Somebody else has just taken this time" in text_of(page)
    assert "Your present times stay yours" in text_of(page)
    assert f'value="{other.pk}"' in page.content.decode()
    assert days_of(reserved) == [3, 24]


def test_other_times_than_were_shown_are_shown_first(english: Client, reserved: Reservation, make_slot: Make) -> None:
    slot, second = make_slot(5, "10:00"), make_slot(26, "10:00", "SECOND")
    make_slot(27, "10:00", "SECOND")
    look = english.post(f"{CHANGES}1/", {"slot": slot.pk})
    Slot.objects.filter(pk=second.pk).update(capacity=0)
    again = english.post(f"{CHANGES}1/", pressed(look))
    assert "nothing has been done yet" in text_of(again)
    assert "Sunday 7 February 2027, 10:00" in text_of(again)
    english.post(f"{CHANGES}1/", pressed(again))
    assert days_of(reserved) == [5, 27]


def test_who_cancels_and_whose_turn_it_is_no_longer_reads_that_pin2_comes(
    english: Client, reserved: Reservation, marie: Invitation
) -> None:
    Invitation.objects.filter(pk=marie.pk).update(expires_at=NOW - timedelta(days=1))
    GroupRule.objects.update(invites_from=None)
    answer = english.post(CANCEL, pressed(english.get(CANCEL)), follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "You are waiting for your turn." in text_of(answer)
    assert "log in with your telephone and PIN2" not in text_of(answer)
    reserved.refresh_from_db()
    assert reserved.state == "CANCELLED"


def test_a_person_cancels_and_chooses_again_at_once(english: Client, reserved: Reservation, marie: Invitation) -> None:
    # PIN2 ran out while the reservation stood.
    Invitation.objects.filter(pk=marie.pk).update(expires_at=NOW - timedelta(days=1))
    page = english.get(CANCEL)
    assert "These times will be cancelled" in text_of(page)
    english.head(CANCEL)
    answer = english.post(CANCEL, pressed(page), follow=True)
    assert answer.redirect_chain[0] == ("/rezervace/misto/", 302)
    assert "Your times are cancelled." in text_of(answer)
    assert "Choose a vaccination site" in text_of(answer)
    reserved.refresh_from_db()
    assert reserved.state == "CANCELLED"


def test_who_missed_dose_2_comes_in_with_a_pin2_that_ran_out_and_chooses_another_time(
    english: Client, marie: Invitation, site: VaccinationSite, make_slot: Make
) -> None:
    reservation = make_reservation(marie.registration, site=site, day=-22)
    arrangements.fulfil(appointment_id=reservation.appointments.get(dose_number=1).pk)
    given = {"doses_received": 1, "last_dose_on": NOW.date() - timedelta(days=22), "first_vaccine": "comirnaty"}
    Registration.objects.filter(pk=marie.registration_id).update(**given, last_vaccine="comirnaty")
    arrangements.miss(appointment=reservation.appointments.get(dose_number=2), now=NOW)
    Invitation.objects.filter(pk=marie.pk).update(expires_at=NOW - timedelta(days=1))
    slot = make_slot(4, for_doses="SECOND")
    folding.fold(now=NOW)
    assert log_in(english).headers["Location"] == "/rezervace/hotovo/"
    page = english.get("/rezervace/hotovo/")
    assert "You did not come for this dose. Please choose a new time" in text_of(page)
    assert f'href="{CHANGES}"' in page.content.decode()
    assert "Change the time of dose 2" in text_of(english.get(CHANGES))
    assert f"{slot.day:%Y-%m-%d}/" in english.get(f"{CHANGES}2/misto/{site.pk}/").content.decode()
    english.post(f"{CHANGES}2/", pressed(english.post(f"{CHANGES}2/", {"slot": slot.pk})))
    assert days_of(reservation) == [-22, 4]


def test_nobody_changes_times_of_others_or_none_at_all(english: Client, marie: Invitation, make_slot: Make) -> None:
    for path in (CHANGES, CANCEL, f"{CHANGES}1/", f"{CHANGES}1/misto/"):
        assert english.get(path).headers["Location"] == LOG_IN
    log_in(english)
    assert "There is no time that you can change here now." in text_of(english.get(CHANGES))
    for path in (CANCEL, f"{CHANGES}1/misto/", f"{CHANGES}7/misto/"):
        assert english.get(path).status_code == 302
    for typed in ("", "x", "99999999999999999999"):
        assert english.post(f"{CHANGES}1/", {"slot": typed}).status_code == 302
    refused = english.post(f"{CHANGES}1/", {"slot": make_slot(5).pk}, follow=True)
    assert "This time cannot be changed any more." in text_of(refused)
    # The link of a reminder opens its page alone.
    assert english.get("/rezervace/nemohu-prijit/").headers["Location"] == LOG_IN
