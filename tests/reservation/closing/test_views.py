"""The pages of closures: a form typed the Czech way, everybody affected, and only then it is closed."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.models import PersonLook
from reservation.affected import affected
from reservation.closing.forms import ClosureForm
from reservation.models import Closure, Slot
from tests import factories, pages
from tests.factories import NOW
from tests.pages import Page, form_key, send_form, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TOMORROW = "12. 1. 2027"
TYPED = {"first_day": TOMORROW, "reason": "Nepřivezli vakcínu."}


@pytest.fixture
def manager(site: VaccinationSite) -> User:
    return factories.make_staff(Role.MANAGER, site=site)


@pytest.fixture
def browser(manager: User) -> Client:
    client = pages.browser()
    pages.log_in(client, manager)
    return client


@pytest.fixture
def address(site: VaccinationSite) -> str:
    return f"/personal/kalendar/{site.pk}/uzavreni/"


def fingerprint(page: Page) -> str:
    return str(page.content.decode().split('name="seen" value="')[1].split('"')[0])


def test_everybody_is_shown_before_anything_is_closed_and_again_where_somebody_came(
    browser: Client, address: str, site: VaccinationSite
) -> None:
    registration = factories.make_registration(phone="+420601234567")
    factories.make_reservation(registration, site=site, day=1)
    preview = browser.post(f"{address}nove/", TYPED)
    read = text_of(preview)
    assert "Nováková Jana" in read
    assert "601 234 567" in read
    assert "dose 2: Tue 2. 2. 2027 9:00" in read
    assert "Tuesday 12. 1. 2027" in read
    assert not Closure.objects.exists()
    assert PersonLook.objects.filter(page="reservation:close_time").count() == 1

    factories.make_reservation(site=site, day=1, clock="09:15")
    sent = {**TYPED, "step": "close", "seen": fingerprint(preview)}
    again = send_form(browser, f"{address}nove/", **sent)
    assert "Meanwhile somebody booked a time" in summary(again)
    assert not Closure.objects.exists()

    answer = send_form(browser, f"{address}nove/", **{**sent, "seen": fingerprint(again)})
    closure = Closure.objects.get()
    assert answer.headers["Location"] == f"{address}{closure.pk}/"
    assert affected.open_at(NOW, site_id=site.pk).count() == 2
    assert "Still to be settled 2" in text_of(browser.get(answer.headers["Location"]))
    assert "Nepřivezli vakcínu." in text_of(browser.get(address))


def test_a_double_click_closes_once(browser: Client, address: str, site: VaccinationSite) -> None:
    preview = browser.post(f"{address}nove/", TYPED)
    sent = {**TYPED, "step": "close", "seen": fingerprint(preview), "form_key": form_key(preview)}
    locations = {browser.post(f"{address}nove/", sent).headers["Location"] for _ in range(2)}
    assert locations == {f"{address}{Closure.objects.get().pk}/"}


def test_a_closure_is_lifted_after_a_look(browser: Client, address: str, site: VaccinationSite) -> None:
    factories.make_reservation(site=site, day=1)
    preview = browser.post(f"{address}nove/", TYPED)
    send_form(browser, f"{address}nove/", **TYPED, step="close", seen=fingerprint(preview))
    one = f"{address}{Closure.objects.get().pk}/"
    assert "1 person still has an appointment there" in text_of(browser.get(f"{one}zrusit/"))
    page = browser.post(f"{one}zrusit/", {"form_key": form_key(browser.get(f"{one}zrusit/"))}, follow=True)
    assert "The time is open again." in text_of(page)
    assert not Slot.objects.filter(is_closed=True).exists()
    assert Message.objects.filter(template="reservation/kept").count() == 1
    twice = send_form(browser, f"{one}zrusit/")
    assert "This closure was cancelled before." in text_of(browser.get(twice.headers["Location"]))


def test_a_refusal_keeps_what_was_typed(browser: Client, address: str) -> None:
    page = browser.post(f"{address}nove/", {**TYPED, "first_day": "3. 1. 2027"})
    assert "Only a time to come can be closed." in summary(page)
    assert 'value="3. 1. 2027"' in page.content.decode()


def test_the_form_opens_with_the_days_of_the_address_and_offers_usual_ones(browser: Client, address: str) -> None:
    page = browser.get(f"{address}nove/?od=2027-05-03&do=2027-05-09").content.decode()
    assert 'value="3. 5. 2027"' in page
    assert 'value="9. 5. 2027"' in page
    assert "?od=2027-01-18&amp;do=2027-01-24" in page  # next week
    assert browser.get(f"{address}nove/?od=3.5.").status_code == 200


@pytest.mark.parametrize(
    ("typed", "begins", "ends"),
    [
        ({"first_day": "3.5.2027"}, (date(2027, 5, 3), time()), (date(2027, 5, 4), time())),
        ({"first_day": "3. května 2027", "first_time": "8-12", "last_time": "1000"}, None, None),
        (
            {"first_day": "3. května 2027", "first_time": "9", "last_time": "24:00"},
            (date(2027, 5, 3), time(9)),
            (date(2027, 5, 4), time()),
        ),
        ({"first_day": "3.5.2027", "last_time": "0:00"}, (date(2027, 5, 3), time()), (date(2027, 5, 4), time())),
        (
            {"first_day": "2027-05-03", "first_time": "9.15", "last_time": "10 h"},
            (date(2027, 5, 3), time(9, 15)),
            (date(2027, 5, 3), time(10)),
        ),
        (
            {"first_day": "3. 5. 2027\u200b", "last_day": "9. 5. 2027"},
            (date(2027, 5, 3), time()),
            (date(2027, 5, 10), time()),
        ),
        # The night in which the clock goes back: the day has 25 hours.
        ({"first_day": "31. 10. 2027"}, (date(2027, 10, 31), time()), (date(2027, 11, 1), time())),
    ],
)
def test_days_and_times_are_read_as_people_write_them(
    site: VaccinationSite, typed: dict[str, str], begins: tuple[date, time] | None, ends: Any
) -> None:
    form = ClosureForm({**typed, "reason": "x"}, site=site)
    if begins is None:
        assert list(form.errors) == ["first_time"]
        return
    assert form.is_valid(), form.errors
    draft = form.draft()
    assert draft.starts_at == factories.at(begins[0], f"{begins[1]:%H:%M}")
    assert draft.ends_at == factories.at(ends[0], f"{ends[1]:%H:%M}")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ({"first_day": "28. 3. 2027", "first_time": "2:30"}, "first_time"),
        ({"first_day": "3. 5. 2027", "first_time": "10:00", "last_time": "9:00"}, "last_time"),
        ({"first_day": "3. 5. 2027", "last_day": "2. 5. 2027"}, "last_day"),
        ({"first_day": "30. 2. 2027"}, "first_day"),
        ({"first_day": ""}, "first_day"),
        ({"first_day": "31. 12. 9999"}, "first_day"),
        ({"first_day": "1. 1. 0001"}, "first_day"),
        ({"first_day": "3. 5. 2027", "last_day": "31. 12. 9999"}, "last_day"),
        ({"first_day": "3. 5. 2028"}, "first_day"),  # a slip in the year
    ],
)
def test_what_no_clock_shows_is_refused_at_its_field(site: VaccinationSite, typed: dict[str, str], name: str) -> None:
    assert list(ClosureForm({**typed, "reason": "x"}, site=site).errors) == [name]


def test_a_closure_of_nothing_warns_and_one_until_midnight_says_so(
    browser: Client, address: str, site: VaccinationSite
) -> None:
    factories.make_slot(1, site=site)
    warning = "The site has no open times then."
    assert warning not in text_of(browser.post(f"{address}nove/", TYPED))
    nothing = text_of(browser.post(f"{address}nove/", {**TYPED, "first_day": "13. 1. 2027", "first_time": "17:33"}))
    assert warning in nothing
    assert "Wednesday 13. 1. 2027 17:33 – 24:00" in nothing


def test_only_the_vaccines_of_the_site_are_offered(site: VaccinationSite) -> None:
    factories.make_slot(site=site)
    form: Any = ClosureForm(site=site)
    assert [one.pk for one in form.fields["vaccine"].queryset] == ["comirnaty"]


def test_closures_of_another_site_are_not_found(browser: Client, address: str, manager: User) -> None:
    other = factories.make_site("Jinde", "CZ0642")
    hour = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=1)}
    elsewhere = Closure.objects.create(site=other, reason="x", made_by=manager, **hour)
    assert browser.get(f"{address}{elsewhere.pk}/").status_code == 404
    assert browser.post(f"{address}{elsewhere.pk}/zrusit/").status_code == 404
