"""Re-planning in the browser: a manager moves a day and takes it back, one of its people chooses another time."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, ENGLISH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.test_site_calendar import BOOKED, Manager, written
from tests.browser.walk import Look
from tests.waiting import wait_until

REASON = "Vakcína přijde později."
STATE = "SELECT state FROM reservation_replan ORDER BY id DESC LIMIT 1"
MOVES = """
SELECT count(*) FROM reservation_plannedmove
WHERE state = %s AND replan_id = (SELECT max(id) FROM reservation_replan)
"""
TOLD = "reservation/replanned"
# Whoever was told last by SMS.
TELEPHONE = """
SELECT recipient FROM messaging_message WHERE template = %s AND channel = 'SMS' ORDER BY id DESC LIMIT 1
"""


def test_a_day_moves_by_keyboard_one_of_its_people_chooses_otherwise_without_scripts_and_the_rest_goes_back(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(320, 390, 1280))
    walk = open_walk(new_person(), width=390)
    log_in_as(walk.page, portal, "vedouci")
    manager = Manager(walk.page, portal, Keyboard(), look)
    site = manager.open_calendar()
    (booked,) = portal.row(BOOKED, [site])
    day = booked + timedelta(days=1) if booked.weekday() == 6 else booked

    manager.page.goto(f"{portal.url}/personal/preplanovani/")
    manager.see("replans")
    manager.follow("/preplanovani/nove/")
    manager.see("replan-form")
    # Radio buttons are one stop of Tab; the arrows go on from the chosen one.
    manager.main("input[name=scope][value=AFFECTED]").focus()
    manager.page.keyboard.press("ArrowDown")
    manager.hands.choose(manager.main("#id_site"), str(site))
    manager.fill(first_day=written(day), not_before=written(day + timedelta(days=1)), reason=REASON)
    manager.send()
    manager.see("replan-preview")
    assert manager.main(".cls-list tbody tr").count()
    assert portal.row(MOVES, ["PLANNED"]) > (0,)
    manager.send("form[action$='/zverejnit/'] button")
    wait_until(lambda: portal.row(STATE) == ("PUBLISHED",), "it is not published")
    manager.page.reload()
    manager.see("replan-published")
    replan = manager.page.url
    moved = portal.row(MOVES, ["MOVED"])

    (telephone,) = portal.row(TELEPHONE, [TOLD])
    reader = open_walk(new_person(), width=390)
    sms = reader.inbox(telephone).text(template=TOLD)
    link = re.search(r"/o/[A-Z0-9]+/", sms)
    assert link, sms
    address = f"{portal.url}{link.group()}"
    reader.page.goto(address)
    look(reader.page, "replanned")
    person = open_walk(new_person(language=ENGLISH), width=390, has_javascript=False, language=ENGLISH)
    plain = look_at(language=ENGLISH, width=390, has_javascript=False)
    person.page.goto(address)
    plain(person.page, "replanned-plain")
    expect(person.page.locator("main")).to_contain_text(REASON)
    Keyboard().press(person.page.locator("form[action$='/jiny/'] button[name=slot]").first)
    expect(person.page.locator("main")).to_contain_text("your time now")
    plain(person.page, "replanned-otherwise")

    manager.page.goto(replan)
    manager.hands.press(manager.main("summary"))
    manager.send("form[action$='/vratit/'] button")
    wait_until(lambda: portal.row(STATE) == ("UNDONE",), "it is not undone")
    manager.page.goto(replan)
    manager.see("replan-undone")
    assert portal.row(MOVES, ["SETTLED"]) >= (1,)
    assert (0,) < portal.row(MOVES, ["UNDONE"]) < moved
