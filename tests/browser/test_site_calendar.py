"""A site's calendar in the browser: its manager opens it by a rule, closes a week, and sees whom to call."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import HEIGHT, OpenWalk
from tests.browser.hands import Hands, Keyboard, Mouse
from tests.browser.people import CZECH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look, no_look
from tests.waiting import wait_until

# No rule of the demonstration opens for it, and each of its seats stands alone.
VACCINE = "janssen"
REASON = "Havárie vody."
SEATS = """
SELECT min(capacity), max(capacity), count(*) FROM reservation_slot
WHERE site_id = %s AND vaccine_id = 'janssen' AND day = %s
"""
# The first day on which people are booked at the site, at the earliest the day after tomorrow.
BOOKED = """
SELECT min(s.day) FROM reservation_slot s JOIN reservation_appointment a ON a.slot_id = s.id
JOIN reservation_reservation r ON r.id = a.reservation_id
WHERE s.site_id = %s AND s.day > current_date + 1 AND a.state = 'BOOKED' AND r.state = 'CONFIRMED' AND NOT s.is_closed
"""
OPEN_SLOTS = "SELECT count(*) FROM reservation_slot WHERE site_id = %s AND day BETWEEN %s AND %s AND NOT is_closed"
TOLD = """
SELECT count(DISTINCT reference) FROM messaging_message WHERE template = %s
"""


class Manager:
    """The manager of the demonstration's site at a browser."""

    def __init__(self, page: Page, portal: Portal, hands: Hands, look: Look) -> None:
        self.page, self.portal, self.hands, self.look = page, portal, hands, look

    def open_calendar(self) -> UUID:
        """The calendar of the one site that is theirs, and its key."""
        self.page.goto(f"{self.portal.url}/personal/kalendar/")
        self.page.wait_for_url("**/kalendar/*/")
        return UUID(self.page.url.rstrip("/").rpartition("/")[2])

    def see(self, name: str) -> None:
        """Look at the page, also whether it fits into a telephone, a tablet and a desk."""
        axe.assert_fits(self.page, name=name, widths=(axe.NARROWEST, *HEIGHT))
        self.look(self.page, f"calendar-{name}")

    def main(self, selector: str, *, has_text: str = "") -> Locator:
        """A place in the page, without its head and foot."""
        return self.page.locator("main").locator(selector, has_text=has_text)

    def follow(self, end: str) -> None:
        """Follow the first link of the page whose address ends so."""
        self.hands.press(self.main(f"a[href$='{end}']").first)
        self.page.wait_for_url(f"**{end}")

    def tab(self, end: str) -> None:
        """Follow a tab of the site."""
        self.hands.press(self.page.locator(f".cal-bar a[href$='/{end}/']"))
        self.page.wait_for_url(f"**/{end}/")

    def fill(self, **fields: object) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            self.hands.fill(self.main(f"#id_{name}"), str(text))

    def send(self, button: str = "form[novalidate] button[type=submit]") -> None:
        """Press the button of the form."""
        with self.page.expect_navigation():
            self.hands.press(self.main(button).first)


def written(day: date) -> str:
    """A day as people type it."""
    return f"{day.day}. {day.month}. {day.year}"


def opens(portal: Portal, site: UUID, day: date, *, seats: int) -> None:
    """The four times of the rule have so many seats, once the worker has made them."""
    wait_until(lambda: portal.row(SEATS, [site, day]) == (seats, seats, 4), f"no times with {seats} seats")


def test_a_manager_opens_changes_and_closes_a_week_by_keyboard_and_without_scripts(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(390, 1280))
    walk = open_walk(new_person(), width=390)
    log_in_as(walk.page, portal, "vedouci")
    manager = Manager(walk.page, portal, Keyboard(), look)
    site = manager.open_calendar()
    manager.see("month")

    # A rule: Mondays in four weeks, from eight to ten, two people each half hour.
    monday = timezone.localdate() + timedelta(days=28 + (-timezone.localdate().weekday()) % 7)
    manager.tab("pravidla")
    manager.see("rules")
    manager.follow("/pravidla/nove/")
    manager.hands.choose(manager.main("#id_vaccine"), VACCINE)
    for weekday in range(1, 5):
        manager.fill(**{f"hours_{weekday}": " "})
    manager.fill(valid_from=written(monday), valid_until=written(monday + timedelta(days=6)))
    manager.fill(hours_0="8–10", minutes=30, seats=2)
    manager.see("rule")
    manager.send()
    manager.see("rule-preview")
    manager.send("button[name=step][value=save]")
    opens(portal, site, monday, seats=2)

    # Three people each half hour after all.
    rule = manager.main("section", has_text="Janssen").locator("a[href$='/zmenit/']")
    manager.hands.press(rule)
    manager.page.wait_for_url("**/zmenit/")
    manager.fill(valid_from=written(monday), seats=3)
    manager.send()
    manager.send("button[name=step][value=save]")
    opens(portal, site, monday, seats=3)

    # The week in which people are booked is closed. They are shown before, and told after.
    (booked,) = portal.row(BOOKED, [site])
    first = booked - timedelta(days=booked.weekday())
    first, last = max(first, timezone.localdate() + timedelta(days=1)), first + timedelta(days=6)
    told = portal.row(TOLD, ["reservation/affected"])
    manager.tab("uzavreni")
    manager.see("closures")
    manager.follow("/uzavreni/nove/")
    manager.fill(first_day=written(first), last_day=written(last), reason=REASON)
    manager.see("close")
    manager.send()
    expect(manager.main(".cls-reason")).to_have_text(REASON)
    affected = manager.main(".cls-list tbody tr").count()
    assert affected
    manager.see("close-preview")
    manager.send("button[name=step][value=close]")
    manager.see("closure")
    closure = manager.page.url
    assert portal.row(OPEN_SLOTS, [site, first, last]) == (0,)
    assert portal.row(TOLD, ["reservation/affected"]) > told

    manager.tab("obvolani")
    manager.see("call-list")
    person = manager.main(".cls-list tbody th a").first
    manager.hands.press(person)
    manager.page.wait_for_url("**/obvolani/*/")
    manager.see("call")
    manager.send("button[name=outcome]")
    manager.see("called")

    for end, name in ((f"tyden/{first}/", "week-closed"), (f"{first}/", "day-closed"), ("vakcina/", "coverage")):
        answer = manager.page.goto(f"{portal.url}/personal/kalendar/{site}/{end}")
        assert answer
        assert answer.ok, end
        manager.see(name)
    lift(portal, open_walk, walk.context.cookies(), closure)
    assert portal.row(OPEN_SLOTS, [site, first, last]) > (0,)
    assert portal.row(TOLD, ["reservation/kept"]) > (0,)


def lift(portal: Portal, open_walk: OpenWalk, cookies: Any, closure: str) -> None:
    """The same manager, at a desk without scripts, opens the week again."""
    walk = open_walk(new_person(), width=1280, has_javascript=False)
    walk.context.add_cookies(cookies)
    plain = Manager(walk.page, portal, Mouse(), no_look)
    plain.page.goto(closure)
    plain.see("closure-plain")
    plain.follow("/zrusit/")
    plain.see("lift")
    plain.send("form[action$='/zrusit/'] button[type=submit]")
    plain.see("lifted")


def test_everybody_reads_where_seats_are_free(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(390, 1280))
    page = open_walk(new_person()).page
    anybody = Manager(page, portal, Keyboard(), look)
    page.goto(f"{portal.url}/volne-terminy/")
    anybody.see("report")
    assert not page.context.cookies(), "a report that sets a cookie can be kept by nobody"
    anybody.send("form button[type=submit]")
    anybody.see("report-filtered")
    plain = open_walk(new_person(), width=1280, has_javascript=False).page
    plain.goto(page.url)
    assert plain.locator("main table tbody tr").count() == page.locator("main table tbody tr").count() > 0
