"""One time of a site: its places are changed, moved and left to the rules again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from logistics.models import Role, VaccinationSite
from reservation.models import Closure, Slot
from reservation.slots.capacity import changes_by_hand
from tests.factories import make_staff
from tests.pages import browser, form_key, log_in, summary, text_of
from tests.reservation.conftest import Make
from tests.reservation.site_calendar.conftest import TOMORROW, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page_of(site: VaccinationSite, slot: Slot) -> str:
    return address(site, f"cas/{slot.pk}/")


def test_places_are_changed_and_the_day_says_so(staff: Client, site: VaccinationSite, make_slot: Make) -> None:
    slot = make_slot(capacity=6, booked=2)
    form = staff.get(page_of(site, slot))
    sent = {"step": "set", "capacity": "\u200b1 200 ", "form_key": form_key(form)}
    for _ in range(2):
        answer = staff.post(page_of(site, slot), sent, follow=True)
        assert "This time has 1200 places now." in text_of(answer)
        assert answer.redirect_chain[-1][0] == address(site, TOMORROW)
    slot.refresh_from_db()
    assert (slot.capacity, slot.is_by_hand) == (1200, True)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1", "More people are already booked than this capacity."),
        ("", "Write how many places."),
        ("-5", "Write a whole number"),
        ("1,5", "Write a whole number"),
        ("10001", "Write a whole number from 0 to 10000."),
        ("9" * 40, "Write a whole number"),
    ],
)
def test_a_refused_number_keeps_what_was_typed(
    staff: Client, site: VaccinationSite, make_slot: Make, typed: str, said: str
) -> None:
    slot = make_slot(capacity=6, booked=2)
    answer = staff.post(page_of(site, slot), {"step": "set", "capacity": typed})
    assert said in summary(answer)
    assert f'value="{typed}"' in answer.content.decode() or not typed
    slot.refresh_from_db()
    assert (slot.capacity, slot.is_by_hand) == (6, False)


def test_places_move_to_another_time_of_the_day(staff: Client, site: VaccinationSite, make_slot: Make) -> None:
    slot, later = make_slot(capacity=6, booked=2), make_slot(clock="15:00", capacity=1)
    elsewhere = make_slot(day=3, capacity=1)
    page = page_of(site, slot)
    assert "15:00, first doses, booked 0 of 1" in text_of(staff.get(page))
    few = staff.post(page, {"step": "move", "seats": "5", "target": later.pk})
    assert "There are not so many free places at this time." in summary(few)
    wrong = staff.post(page, {"step": "move", "seats": "1", "target": elsewhere.pk})
    assert "This time is not offered any more." in summary(wrong)
    done = staff.post(page, {"step": "move", "seats": "4", "target": later.pk}, follow=True)
    assert "4 places were moved." in text_of(done)
    assert set(Slot.objects.filter(day=TOMORROW).values_list("capacity", "is_by_hand")) == {(2, True), (5, True)}
    assert "No place is free here" in text_of(staff.get(page))


def test_whoever_changed_the_places_by_hand_is_named(
    staff: Client, manager: User, site: VaccinationSite, make_slot: Make
) -> None:
    slot, later = make_slot(capacity=6), make_slot(clock="15:00", capacity=1)
    staff.post(page_of(site, slot), {"step": "set", "capacity": "1200"})
    staff.post(page_of(site, slot), {"step": "move", "seats": "200", "target": later.pk})
    staff.post(page_of(site, slot), {"step": "rules"})
    read = text_of(staff.get(page_of(site, slot)))
    assert manager.get_username() in read.split("Who changed it by hand")[1]
    changes = list(changes_by_hand(slot).values_list("change_message", "user"))
    assert changes == [(text, manager.pk) for text in ("1000 → the opening rules decide", "1200 → 1000", "6 → 1200")]
    assert [one.change_message for one in changes_by_hand(later)] == ["1 → 201"]


def test_the_rules_decide_again(staff: Client, site: VaccinationSite, make_slot: Make) -> None:
    slot = make_slot(capacity=6, is_by_hand=True)
    assert "Let the rules decide" in text_of(staff.get(page_of(site, slot)))
    staff.post(page_of(site, slot), {"step": "rules"})
    slot.refresh_from_db()
    assert not slot.is_by_hand


def test_what_cannot_be_changed_shows_no_form(
    staff: Client, manager: User, site: VaccinationSite, make_slot: Make
) -> None:
    closed, over = make_slot(capacity=3, is_closed=True), make_slot(day=-1, capacity=3)
    ends_at = closed.starts_at + timedelta(hours=1)
    Closure.objects.create(site=site, starts_at=closed.starts_at, ends_at=ends_at, reason="New floor", made_by=manager)
    for slot, said in ((closed, "Reason of the closure: New floor"), (over, "This day is over.")):
        page = text_of(staff.get(page_of(site, slot)))
        assert said in page
        assert "Save the places" not in page
    refused = staff.post(page_of(site, closed), {"step": "set", "capacity": "9"})
    assert "This time is closed." in text_of(refused)


def test_a_time_that_no_rule_opens_any_more_opens_by_hand(
    staff: Client, site: VaccinationSite, make_slot: Make
) -> None:
    slot = make_slot(capacity=3, booked=1, is_closed=True)
    assert "The opening rules do not open this time any more." in text_of(staff.get(page_of(site, slot)))
    staff.post(page_of(site, slot), {"step": "set", "capacity": "5"})
    slot.refresh_from_db()
    assert (slot.capacity, slot.is_closed, slot.is_by_hand) == (5, False, True)


def test_a_vaccinator_changes_nothing(site: VaccinationSite, make_slot: Make) -> None:
    slot = make_slot(capacity=6)
    vaccinator = log_in(browser(), make_staff(Role.VACCINATOR, site=site))
    assert vaccinator.get(page_of(site, slot)).status_code == 404
    assert "/cas/" not in vaccinator.get(address(site, TOMORROW)).content.decode()
