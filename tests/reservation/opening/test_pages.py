"""The pages of opening rules: typed the Czech way, shown before they hold, and asked again where somebody came."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from logistics.models import Role, VaccinationSite
from registration.models import PersonLook
from reservation.models import AffectedAppointment, OpeningRule
from reservation.opening.forms import HoursField
from reservation.opening.generating import generate
from tests import factories, pages
from tests.factories import NOW, make_opening_rule
from tests.pages import Page, form_key, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TYPED = {
    "vaccine": "comirnaty",
    "valid_from": "12. 1. 2027",
    "minutes": "20 min",
    "seats": "4",
    "hours_0": "8–12, 13.00 - 16:30",
    "hours_1": "8–12, 13.00 - 16:30",
    "hours_5": "9:00 do 11:10",
    "second_percent": "25 %",
}


@pytest.fixture
def browser(site: VaccinationSite) -> Client:
    client = pages.browser()
    pages.log_in(client, factories.make_staff(Role.MANAGER, site=site))
    return client


@pytest.fixture
def address(site: VaccinationSite) -> str:
    return f"/personal/kalendar/{site.pk}/pravidla/"


def send(client: Client, path: str, shown: Page, typed: dict[str, str], **more: str) -> Page:
    """Press the button of a preview."""
    seen = str(shown.content.decode().split('name="seen" value="')[1].split('"')[0])
    return client.post(path, {**typed, "step": "save", "seen": seen, "form_key": form_key(shown), **more}, follow=True)


def test_a_rule_is_typed_shown_and_only_then_saved(browser: Client, address: str, site: VaccinationSite) -> None:
    empty = browser.get(f"{address}nove/")
    assert 'name="hours_0" value="8:00–16:00"' in empty.content.decode()
    shown = browser.post(f"{address}nove/", TYPED)
    read = text_of(shown)
    assert "mon, tue 8:00–12:00, 13:00–16:30; sat 9:00–11:10" in read
    assert "4 seats every 20 minutes" in read
    assert "11. 1. – 17. 1. 2027" in read
    assert "The last interval ends 10 minutes before closing" in read
    assert "26. 3. 2027" not in read  # Good Friday: it opens on no Friday
    assert "29. 3. 2027" in read  # Easter Monday
    assert not OpeningRule.objects.exists()
    listed = text_of(send(browser, f"{address}nove/", shown, TYPED))
    assert "mon, tue 8:00–12:00, 13:00–16:30; sat 9:00–11:10" in listed
    assert "25 % for second and later doses and the rest for any dose" in listed
    rule = OpeningRule.objects.get()
    assert (rule.site, rule.valid_from, rule.hours.count()) == (site, date(2027, 1, 12), 5)
    # Sent twice, it is one rule.
    send(browser, f"{address}nove/", shown, TYPED)
    assert OpeningRule.objects.count() == 1


def test_whoever_is_affected_is_named_and_the_manager_decides(
    browser: Client, address: str, site: VaccinationSite
) -> None:
    rule = make_opening_rule(site)
    generate(now=NOW)
    factories.make_reservation(site=site, day=1, clock="14:00")
    typed = {**TYPED, "hours_1": "8-12"}
    change = f"{address}{rule.pk}/zmenit/"
    shown = browser.post(change, typed)
    assert "Nováková Jana" in text_of(shown)
    assert "Tue 12. 1. 2027 14:00" in text_of(shown)
    assert PersonLook.objects.filter(page="reservation:opening_rules").count() == 1
    undecided = send(browser, change, shown, typed)
    assert "Choose what becomes of the people" in summary(undecided)
    # Somebody books at this moment.
    factories.make_reservation(site=site, day=1, clock="15:00")
    again = send(browser, change, shown, typed, people="keep")
    assert "People have booked or left" in summary(again)
    assert "Tue 12. 1. 2027 15:00" in text_of(again)
    assert 'value="keep" ' in again.content.decode()
    assert "checked" not in again.content.decode().split('id="id_people"')[-1].split("</fieldset>")[0]
    assert OpeningRule.objects.count() == 1
    send(browser, change, again, typed, people="hand_over")
    assert OpeningRule.objects.standing().count() == 2
    assert AffectedAppointment.objects.filter(cause="HOURS", slot__day=date(2027, 1, 12)).count() == 2


def test_a_rule_is_ended(browser: Client, address: str, site: VaccinationSite) -> None:
    rule = make_opening_rule(site)
    generate(now=NOW)
    end = f"{address}{rule.pk}/ukoncit/"
    assert "The last day" in text_of(browser.get(end))
    typed = {"last_day": "31. 1. 2027"}
    shown = browser.post(end, {**typed, "step": "look"})
    assert "it opens no day after 31. 1. 2027" in text_of(shown)
    assert "to 31. 1. 2027" in text_of(send(browser, end, shown, typed))
    at_once = browser.post(end, {"step": "look"})
    assert "The rule ends at once" in text_of(at_once)
    listed = send(browser, end, at_once, {})
    assert "withdrawn on 11. 1. 2027" in text_of(listed)
    assert "opens no day any more" in text_of(browser.get(f"{address}{rule.pk}/zmenit/", follow=True))


@pytest.mark.parametrize("page", ["zmenit", "ukoncit"])
def test_a_second_click_is_led_to_the_outcome_of_the_first(
    browser: Client, address: str, site: VaccinationSite, page: str
) -> None:
    path = f"{address}{make_opening_rule(site).pk}/{page}/"
    typed = {**TYPED, "valid_from": "11. 1. 2027"} if page == "zmenit" else {}
    shown = browser.post(path, {**typed, "step": "look"})
    for _ in range(2):
        assert "The change is saved." in text_of(listed := send(browser, path, shown, typed))
        assert "opens no day any more" not in text_of(listed)
    # Another form of it is too late.
    late = browser.post(path, {**typed, "step": "save"})
    assert "Somebody else has changed this rule meanwhile" in summary(late)
    assert OpeningRule.objects.standing().count() == (page == "zmenit")


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"valid_from": "10. 1. 2027"}, "This day has passed"),
        ({"valid_until": "11. 1. 2027"}, "ends before it begins"),
        ({"hours_0": "", "hours_1": "", "hours_5": ""}, "hours of one day at least"),
        ({"hours_0": "8-8:15"}, "shorter than one interval"),
        ({"hours_0": "8–12, 11–16"}, "must follow one another"),
        ({"hours_0": "od rána"}, "Write the hours as"),
        ({"first_percent": "80"}, "more than 100 %"),
        ({"youngest_age": "12", "oldest_age": "11"}, "below the lowest"),
        ({"minutes": "4"}, "from 5 to 240"),
        ({"seats": "0"}, "from 1 to 1000"),
        ({"seats": "-3"}, "from 1 to 1000"),
        ({"seats": "1.5"}, "from 1 to 1000"),
        ({"first_percent": "2,5 %"}, "from 0 to 100"),
        ({"hours_0": "8-24"}, "Write 23:59 instead of 24:00"),
        ({"valid_until": "31. 12. 9999"}, "too far away"),
        ({"vaccine": "water"}, "valid choice"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(
    browser: Client, address: str, typed: dict[str, str], refusal: str
) -> None:
    page = browser.post(f"{address}nove/", TYPED | typed)
    assert refusal in summary(page)
    assert "20" in page.content.decode()


def test_a_rule_that_collides_is_refused_with_what_was_typed(
    browser: Client, address: str, site: VaccinationSite
) -> None:
    make_opening_rule(site, "10:00-11:00")
    page = browser.post(f"{address}nove/", TYPED)
    assert "Another rule opens this vaccine at this time, too: mon 10:00–11:00." in summary(page)
    assert "13.00 - 16:30" in page.content.decode()


def test_a_rule_of_another_site_is_not_there(browser: Client, address: str) -> None:
    other = make_opening_rule(factories.make_site("Nemocnice Tábor"))
    assert browser.get(f"{address}{other.pk}/zmenit/").status_code == 404
    assert browser.get(f"{address}{other.pk}/ukoncit/").status_code == 404


@pytest.mark.parametrize("text", ["8", "8-", "8-12-13", "8-12 nebo 14", "8-9-10-11", "8-20:60", "-8-12"])
def test_hours_that_are_not_clear_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        HoursField(2).clean(text)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("8-16", [(time(8), time(16))]),
        (" 8.30\u00a0–\u200b12:00 a 13 do 16 ", [(time(8, 30), time(12)), (time(13), time(16))]),
        ("800-1200; 1300—1630", [(time(8), time(12)), (time(13), time(16, 30))]),
        ("8 až 12", [(time(8), time(12))]),
        ("od 8 do 12 hod., od 13 do 16 hodin", [(time(8), time(12)), (time(13), time(16))]),
        ("8:00-12:00 13:00-16:00", [(time(8), time(12)), (time(13), time(16))]),
        ("8,30-12,13-16.", [(time(8, 30), time(12)), (time(13), time(16))]),
        ("8h-12h / \uff11\uff13-16", [(time(8), time(12)), (time(13), time(16))]),
        ("á-+ě", [(time(8), time(12))]),  # the Czech layout without Shift
        ("", []),
    ],
)
def test_hours_are_read_as_people_type_them(text: str, spans: list[tuple[time, time]]) -> None:
    read = HoursField(2).clean(text)
    assert [(span.weekday, span.opens_at, span.closes_at) for span in read] == [(2, *span) for span in spans]
