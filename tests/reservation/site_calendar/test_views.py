"""The pages of a site's calendar: how full its months, weeks and days are, and what is closed."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from logistics.models import Role, VaccinationSite
from reservation.free_seats import folding
from reservation.models import Closure, DaySeats, Slot
from reservation.site_calendar import days
from tests.factories import NOW, at, make_site, make_staff
from tests.pages import HOME, browser, log_in, text_of
from tests.reservation.conftest import Make
from tests.reservation.site_calendar.conftest import TODAY, TOMORROW, address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SITES = "/personal/kalendar/"


def close(site: VaccinationSite, by: User, first: date, days_long: int = 1, **fields: object) -> Closure:
    """A closure of whole days, with its slots."""
    last = first + timedelta(days=days_long)
    Slot.objects.filter(site=site, day__gte=first, day__lt=last).update(is_closed=True)
    told = {"reason": "New floor", "made_by": by, "starts_at": at(first, "00:00"), "ends_at": at(last, "00:00")}
    closure: Closure = Closure.objects.create(site=site, **(told | fields))
    return closure


def test_a_month_shows_how_full_each_day_is_at_once_and_after_the_fold(
    staff: Client, site: VaccinationSite, make_slot: Make
) -> None:
    make_slot(capacity=8, booked=2)
    make_slot(clock="10:00", for_doses="SUBSTITUTE", capacity=2, booked=0)
    changed = text_of(staff.get(address(site)))
    folding.fold(now=NOW)
    assert DaySeats.objects.count() == 2
    for text in (changed, text_of(staff.get(address(site)))):
        assert "booked 2 of 10, 20 %" in text
        assert "2 / 10" in text
        assert "In the whole month 2 of 10 places are booked" in text
        assert "New Year's Day" in text


def test_a_month_asks_no_slot_however_many_there_are(staff: Client, site: VaccinationSite, make_slot: Make) -> None:
    make_slot()
    staff.get(address(site))  # the first page of a session asks more
    asked = []
    for clock in ("10:00", "11:00"):
        make_slot(clock=clock)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            staff.get(address(site))
        asked.append(len(queries))
        assert not any("reservation_slot" in query["sql"] for query in queries)
    assert asked[0] == asked[1] <= 9, asked


def test_a_closed_day_looks_closed_and_says_who_is_still_booked(
    staff: Client, manager: User, site: VaccinationSite, make_slot: Make
) -> None:
    make_slot(capacity=8, booked=3)
    close(site, manager, TOMORROW)
    close(site, manager, TODAY + timedelta(days=2), vaccine_id="comirnaty", reason="No vaccine")
    month = staff.get(address(site))
    text = text_of(month)
    assert month.content.decode().count('data-state="closed"') == 1
    assert "12. 1. closed 3 still booked" in text
    assert "closed in part" in text
    assert "Closed: Tuesday 12. 1. 2027 New floor" in text
    assert "Closed: Wednesday 13. 1. 2027 (Comirnaty) No vaccine" in text
    Slot.objects.update(is_closed=True)
    day = text_of(staff.get(address(site, TOMORROW)))
    assert "The whole day is closed. 3 people are still booked." in day
    assert "9:00 closed, 3 still booked" in day


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2027-02", "February 2027"),
        ("1990-01", "November 2026"),
        ("9999-12", "July 2028"),
        ("2027-13", "January 2027"),
        ("\u200b'--", "January 2027"),
        ("", "January 2027"),
    ],
)
def test_months_are_leafed_as_far_as_calendars_lead(
    staff: Client, site: VaccinationSite, asked: str, shown: str
) -> None:
    assert f"{shown} – Nemocnice Motol" in text_of(staff.get(address(site), {"mesic": asked}))


def test_sums_are_kept_as_far_back_as_calendars_lead() -> None:
    for month in range(1, 13):
        today = date(2027, month, 28)
        assert days.first_month(today) >= today - timedelta(days=folding.KEPT_DAYS - 3)


@pytest.mark.parametrize("page", ["", "tyden/", "lide/"])
def test_a_day_to_which_no_calendar_leads_is_not_found(staff: Client, site: VaccinationSite, page: str) -> None:
    for day in ("0001-01-01", "2026-10-31", "2028-08-01", "9999-12-31"):
        path = f"tyden/{day}/" if page == "tyden/" else f"{day}/{page}"
        assert staff.get(address(site, path)).status_code == 404


def test_the_first_and_the_last_week_lead_no_further(staff: Client, site: VaccinationSite) -> None:
    first = staff.get(address(site, "tyden/2026-11-01/")).content.decode()
    last = staff.get(address(site, "tyden/2028-07-31/")).content.decode()
    assert ('rel="prev"' in first, 'rel="next"' in first) == (False, True)
    assert ('rel="prev"' in last, 'rel="next"' in last) == (True, False)


def test_a_week_shows_hours_by_days_as_a_drawing_and_as_a_table(
    staff: Client, site: VaccinationSite, make_slot: Make
) -> None:
    for clock in ("09:00", "09:45"):
        make_slot(clock=clock, capacity=6, booked=1)
    make_slot(day=2, clock="11:00", capacity=4, booked=4)
    page = staff.get(address(site, f"tyden/{TODAY}/"))
    text, markup = text_of(page), page.content.decode()
    assert "Tuesday 12. 1.: booked 2 of 12, 17 %." in text
    assert "9:00 – 2/12 –" in text
    assert "10:00 – – – – – – –" in text
    assert "Whole day – 2/12 4/4 – – – –" in text
    assert markup.count('class="cal-fill__all"') == 2
    assert 'aria-labelledby="week-title week-desc"' in markup


def test_a_closed_week_says_so(staff: Client, manager: User, site: VaccinationSite, make_slot: Make) -> None:
    make_slot(day=7, capacity=8, booked=3)
    monday = TODAY + timedelta(days=7)
    close(site, manager, monday, days_long=7)
    page = staff.get(address(site, f"tyden/{monday}/"))
    assert "The whole week is closed. 3 people are still booked." in text_of(page)
    assert page.content.decode().count('data-closed="yes"') == 1


def test_a_day_shows_each_time_by_vaccine_and_doses(staff: Client, site: VaccinationSite, make_slot: Make) -> None:
    make_slot(capacity=6, booked=6)
    make_slot(for_doses="SECOND", capacity=4, booked=1, is_by_hand=True, youngest_age=60)
    make_slot(clock="09:30", for_doses="SECOND", capacity=0)
    make_slot(clock="10:00", for_doses="ANY", capacity=4, booked=1, is_closed=True)
    text = text_of(staff.get(address(site, TOMORROW)))
    assert "On this day 8 of 11 places are booked, 73 %." in text
    assert "Comirnaty second doses 1 / 4" in text
    assert "9:00 Comirnaty first doses 6 / 6 full Change" in text
    assert "9:00 Comirnaty second doses, from the age of 60 1 / 4 free, set by hand Change" in text
    assert "9:30 Comirnaty second doses 0 / 0 no places" in text
    assert "10:00 Comirnaty first and second doses 1 / 1 closed Change" in text


def test_staff_of_one_site_come_to_it_at_once_from_the_start_page(staff: Client, site: VaccinationSite) -> None:
    assert f'href="{SITES}"' in staff.get(HOME).content.decode()
    assert staff.get(SITES).headers["Location"] == address(site)


def test_a_region_finds_its_sites_by_district_and_name_with_their_fill(site: VaccinationSite, make_slot: Make) -> None:
    make_slot(day=0, capacity=4, booked=1)
    make_slot(day=7, capacity=6, booked=3)
    make_slot(day=8, capacity=50)
    make_site("Školní", "CZ0100")
    make_site("Jinde", "CZ0642")
    region = log_in(browser(), make_staff(Role.REGION, region="CZ010"))
    text = text_of(region.get(SITES))
    assert "2 sites found" in text
    assert "Jinde" not in text
    assert "Nemocnice Motol" in text
    assert "1 / 4 3 / 6" in text
    for asked, found in (
        ({"hledat": "skolni\u200b  "}, "1 site found"),
        ({"hledat": "motol NEMOCNICE", "okres": "CZ0100"}, "1 site found"),
        ({"okres": "CZ0642"}, "2 sites found"),
        ({"hledat": "nothing", "strana": "99"}, "0 sites found"),
    ):
        assert found in text_of(region.get(SITES, asked)), asked


def test_the_list_of_sites_is_paged_and_asks_no_more_for_more_sites(site: VaccinationSite) -> None:
    ministry = log_in(browser(), make_staff(Role.MINISTRY))
    make_site()
    ministry.get(SITES)  # the first page of a session asks more
    with CaptureQueriesContext(connection) as few:
        ministry.get(SITES)
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Místo {number}", district_id="CZ0317") for number in range(60)
    )
    with CaptureQueriesContext(connection) as many:
        page = ministry.get(SITES)
    assert len(many) == len(few)
    assert "Page 1 of 2" in text_of(page)
    assert "Page 2 of 2" in text_of(ministry.get(SITES, {"strana": "2"}))


def test_a_region_sees_numbers_and_no_way_to_people_or_to_changes(site: VaccinationSite, make_slot: Make) -> None:
    slot = make_slot(capacity=4, booked=1)
    region = log_in(browser(), make_staff(Role.REGION, region="CZ010"))
    page = region.get(address(site, TOMORROW))
    assert "1 / 4" in text_of(page)
    assert f"/{TOMORROW}/lide/" not in page.content.decode()
    assert "/cas/" not in page.content.decode()
    for hidden in (f"{TOMORROW}/lide/", f"{TOMORROW}/lide.csv", f"{TOMORROW}/lide.pdf", f"cas/{slot.pk}/"):
        assert region.get(address(site, hidden)).status_code == 404


def test_another_site_finds_nothing(site: VaccinationSite, make_slot: Make) -> None:
    slot = make_slot(capacity=4)
    other = make_site()
    outsider = log_in(browser(), make_staff(Role.MANAGER, site=other))
    pages = ["", f"tyden/{TODAY}/", f"{TODAY}/", f"{TODAY}/lide/", f"{TODAY}/lide.csv", f"{TODAY}/lide.pdf"]
    for page in (*pages, f"cas/{slot.pk}/"):
        assert outsider.get(address(site, page)).status_code == 404
    # Nor is the slot a slot of their own site.
    assert outsider.post(address(other, f"cas/{slot.pk}/"), {"step": "set", "capacity": "9"}).status_code == 404
    slot.refresh_from_db()
    assert slot.capacity == 4


def test_tabs_lead_only_where_the_user_may_go(site: VaccinationSite) -> None:
    vaccinator = log_in(browser(), make_staff(Role.VACCINATOR, site=site))
    page = vaccinator.get(address(site)).content.decode()
    assert f'href="{reverse("reservation:calendar_month", args=[site.pk])}" aria-current="page"' in page
    assert "/pravidla/" not in page
    assert "/uzavreni/" not in page
