"""The pages of the choice: sites, days and times, and what is offered where a time is gone."""

import html
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.free_seats import folding
from reservation.models import Invitation, Slot
from tests.factories import NOW, make_site
from tests.pages import text_of
from tests.reservation.conftest import PHONE, Invite, Make, MakePair, log_in
from tests.reservation.walk.views.conftest import (
    CONFIRM,
    CONFIRMED,
    HOLD,
    SITE,
    confirm,
    held_by_somebody_else,
    hold,
    reservation_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_who_has_a_reservation_cannot_hold_another(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    other, _ = make_pair(day=2)
    assert hold(inside, other).headers["Location"] == CONFIRMED
    assert Slot.objects.get(pk=other.pk).booked == 0


def test_the_loser_of_a_race_sees_the_next_free_times(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    lost, _ = make_pair()
    near, _ = make_pair(clock="09:15")
    held_by_somebody_else(make_invitation, lost)
    page = hold(inside, lost)
    assert page.status_code == 409
    assert "Somebody else has just taken this time" in text_of(page)
    assert f'name="slot" value="{near.pk}"' in page.content.decode()
    assert hold(inside, near).headers["Location"] == CONFIRM


def test_a_refused_time_leaves_the_older_hold(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    own, _ = make_pair()
    lost, _ = make_pair(day=2)
    hold(inside, own)
    held_by_somebody_else(make_invitation, lost)
    page = hold(inside, lost)
    assert CONFIRM in page.content.decode()
    assert reservation_of(marie).appointments.get(dose_number=1).slot_id == own.pk


def test_a_time_in_the_past_is_refused(inside: Client, make_pair: MakePair) -> None:
    past, _ = make_pair(day=0, clock="08:45")
    page = hold(inside, past)
    assert page.status_code == 409
    assert "This time has already passed" in text_of(page)


def test_a_time_without_a_second_dose_is_refused(inside: Client, make_slot: Make) -> None:
    page = hold(inside, make_slot())
    assert page.status_code == 409
    assert "There is no next dose after this time" in text_of(page)


def test_a_time_that_does_not_exist_leads_to_the_sites(inside: Client) -> None:
    assert inside.post(HOLD, {"slot": 987654321}).headers["Location"] == SITE


@pytest.mark.parametrize("slot", ["", "0", "-1", "abc", "9" * 40, "1; DROP TABLE"])
def test_a_slot_that_nobody_offered_leads_to_the_sites(inside: Client, slot: str) -> None:
    assert inside.post(HOLD, {"slot": slot}).headers["Location"] == SITE


def test_a_double_click_on_a_time_holds_once(inside: Client, make_pair: MakePair) -> None:
    first, _ = make_pair(capacity=5)
    assert [hold(inside, first).headers["Location"] for _ in range(2)] == [CONFIRM, CONFIRM]
    assert Slot.objects.get(pk=first.pk).booked == 1


def test_back_and_another_time_replaces_the_hold(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    other, _ = make_pair(clock="10:00")
    hold(inside, first)
    hold(inside, other)
    assert reservation_of(marie).appointments.get(dose_number=1).slot_id == other.pk
    assert Slot.objects.get(pk=first.pk).booked == 0


def test_the_address_of_holding_opened_by_hand_leads_to_the_sites(inside: Client) -> None:
    assert inside.get(HOLD).headers["Location"] == SITE


def test_sites_come_preferred_first_then_free_then_full(
    english: Client,
    make_pair: MakePair,
    make_slot: Make,
    make_registration: Callable[..., Registration],
    make_invitation: Invite,
) -> None:
    make_site("A full", "CZ0100")
    near = make_site("B free", "CZ0100")
    wished = make_site("C wished", "CZ0100")
    for site, day in ((near, 1), (wished, 3)):
        make_slot(day, site=site)
        make_slot(day + 21, for_doses="SECOND", site=site)
    folding.fold(now=NOW)
    make_invitation(make_registration(phone=PHONE, sites=(wished,)))
    log_in(english)
    page = english.get(SITE)
    text = text_of(page)
    assert text.index("C wished") < text.index("B free") < text.index("A full") < text.index("No free place now")
    assert "You chose this site when you registered" in text
    assert reverse("reservation:day", args=[near.pk]) in page.content.decode()


def test_sites_are_filtered_by_region_and_district(inside: Client, make_pair: MakePair) -> None:
    make_pair()
    make_site("Brno", district="CZ0642")
    assert "Brno" not in text_of(inside.get(f"{SITE}?kraj=CZ010"))
    assert "Nemocnice Motol" not in text_of(inside.get(f"{SITE}?okres=CZ0642"))
    for odd in ("?kraj=nonsense", "?okres=%00", "?kraj=CZ010&okres=CZ0642", "?strana=99", "?strana=x"):
        assert "Nemocnice Motol" in text_of(inside.get(SITE + odd))


def test_a_district_that_is_chosen_beside_a_suggested_region_decides(
    english: Client, make_pair: MakePair, make_invitation: Invite, make_registration: Callable[..., Registration]
) -> None:
    make_invitation(make_registration(phone=PHONE, sites=(make_pair()[0].site,)))
    make_site("Brno", district="CZ0642")
    log_in(english)
    page = english.get(SITE)
    assert "Brno" not in text_of(page).partition("Vaccination sites")[2]
    form = dict(re.findall(r'<input type="hidden" name="(navrh)" value="([^"]*)"', page.content.decode()))
    chosen = {**form, "kraj": page.context["filter"]["kraj"].value(), "okres": "CZ0642"}
    for shown in (english.get(SITE, chosen), english.get(SITE)):
        assert "Nemocnice Motol" not in text_of(shown)
        assert "Brno" in text_of(shown).partition("Vaccination sites")[2]


def test_the_region_that_one_person_looked_at_is_not_chosen_for_the_next(
    inside: Client, make_pair: MakePair, make_invitation: Invite, make_registration: Callable[..., Registration]
) -> None:
    make_pair()
    make_site("Brno", district="CZ0642")
    inside.get(f"{SITE}?kraj=CZ064")
    assert "Nemocnice Motol" not in text_of(inside.get(SITE))
    make_invitation(make_registration(phone="+420605000111"))
    assert log_in(inside, "605 000 111").headers["Location"] == SITE
    assert "Nemocnice Motol" in text_of(inside.get(SITE))


def test_when_nothing_is_free_the_page_says_what_happens_next(inside: Client) -> None:
    site = make_site()
    assert "All places at all sites are taken" in text_of(inside.get(SITE))
    assert "Show sites in all regions" in text_of(inside.get(f"{SITE}?kraj=CZ010"))
    assert "There is no free day at this site" in text_of(inside.get(reverse("reservation:day", args=[site.pk])))


def test_a_day_without_times_says_so(inside: Client, site: VaccinationSite) -> None:
    page = inside.get(f"{SITE}{site.pk}/2027-01-12/")
    assert "There is no free time left on this day" in text_of(page)


def test_a_closed_or_unknown_site_does_not_exist(inside: Client) -> None:
    closed = make_site(state="CLOSED")
    for key in (closed.pk, uuid4()):
        assert inside.get(f"{SITE}{key}/").status_code == 404
        assert inside.get(f"{SITE}{key}/2027-01-12/").status_code == 404
    assert inside.get(f"{SITE}{closed.pk}/2027-13-99/").status_code == 404


@pytest.mark.parametrize(
    "month", ["", "2027-02", "1999-01", "9999-12", "2027-00", "x", "2027-01-01", "²-³", "9" * 30 + "-01"]
)
def test_any_month_in_the_address_shows_a_calendar(inside: Client, make_pair: MakePair, month: str) -> None:
    first, _ = make_pair()
    page = inside.get(reverse("reservation:day", args=[first.site_id]), {"mesic": month})
    assert page.status_code == 200
    assert "<caption>" in page.content.decode()


def test_the_region_of_the_home_comes_first_and_a_choice_holds_until_another(
    inside: Client, marie: Invitation, make_pair: MakePair
) -> None:
    make_site("Výstaviště Brno", "CZ0642")
    make_site("O2 universum", "CZ0100")
    person = marie.registration.person
    type(person).objects.filter(pk=person.pk).update(city="Brno", postcode="60200")
    shown = text_of(inside.get(SITE))
    assert "Výstaviště Brno" in shown
    assert "O2 universum" not in shown
    assert "O2 universum" in text_of(inside.get(f"{SITE}?kraj=CZ010&okres="))
    # Back from a day, a refusal, the page of a site: without the region in the address.
    again = inside.get(SITE)
    assert "O2 universum" in text_of(again)
    assert "Výstaviště Brno" not in text_of(again)
    assert "Výstaviště Brno" in text_of(inside.get(f"{SITE}?kraj=&okres="))
    assert "O2 universum" in text_of(inside.get(SITE))


def test_more_about_a_site_leads_back_to_the_choice(inside: Client) -> None:
    made = make_site("Výstaviště Brno", "CZ0642")
    page = inside.get(f"{SITE}?kraj=CZ064&okres=CZ0642").content.decode()
    more = re.search(r'href="(/ockovaci-mista/[^"]+)"[^>]*>More about the site', page)
    assert more
    about = inside.get(html.unescape(more[1])).content.decode()
    back = re.search(r'href="([^"]+)"><span aria-hidden="true">←</span> Back to the choice of a site', about)
    assert back
    assert html.unescape(back[1]) == f"{SITE}?kraj=CZ064&okres=CZ0642&strana=1#site-{made.pk}"
    assert "Výstaviště Brno" in text_of(inside.get(html.unescape(back[1])))


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:x"])
def test_the_page_of_a_site_leads_nowhere_else(inside: Client, address: str) -> None:
    made = make_site("Výstaviště Brno", "CZ0642")
    about = inside.get(f"/ockovaci-mista/{made.pk}/", {"zpet": address})
    assert "Back to the choice of a site" not in text_of(about)
    assert "evil" not in re.sub(r'name="next" value="[^"]*"', "", about.content.decode())
