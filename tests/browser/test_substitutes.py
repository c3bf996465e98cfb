"""Doses are left in the evening: from a person who agreed to be called, over the site's button, to their answer."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import HEIGHT, OpenWalk
from tests.browser.hands import Hands, Keyboard, Mouse
from tests.browser.people import CZECH, ENGLISH, Person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look, Walk

MINUTES = "15"
# The site of the demonstration's staff, where it has doses in its store.
SITE = """
SELECT s.id, s.district_id, d.region_id FROM logistics_staffrole r JOIN auth_user u ON u.id = r.user_id
JOIN logistics_vaccinationsite s ON s.id = r.site_id JOIN logistics_district d ON d.code = s.district_id
WHERE u.username = 'ockovani'
"""
OFFER = """
SELECT o.answer FROM reservation_substituteoffer o JOIN registration_registration r ON r.id = o.registration_id
WHERE r.phone = %s
"""


def see(page: Page, look: Look, name: str) -> None:
    """Look at the page, also whether it fits into a telephone, a tablet and a desk."""
    axe.assert_fits(page, name=name, widths=(axe.NARROWEST, *HEIGHT))
    look(page, f"substitutes-{name}")


def send(page: Page, hands: Hands, button: str) -> None:
    """Press a button of the page that leads somewhere."""
    with page.expect_navigation():
        hands.press(page.locator("main").locator(button).first)


def agree(walk: Walk, portal: Portal) -> None:
    """By keyboard: region, district, a tick at the site, and how soon."""
    site, district, region = portal.row(SITE)
    page, hands = walk.page, walk.hands
    page.goto(f"{portal.url}/rezervace/nahradnik/")
    see(page, walk.look, "agree")
    walk.choose("region", region)
    send(page, hands, "button[name=choose][value=region]")
    if page.locator("#id_district").input_value() != district:
        walk.choose("district", district)
    send(page, hands, "button[name=choose][value=district]")
    hands.tick(page.locator(f"input[name=sites][value='{site}']"))
    # Of a group of radio buttons the first has the stop, and Space chooses it.
    hands.tick(page.locator(f"input[name=minutes][value='{MINUTES}']"))
    send(page, hands, "button[type=submit].gov-button:not([name])")
    expect(page.locator(".rsv-agreed")).to_contain_text(MINUTES)
    see(page, walk.look, "agreed")


def test_from_the_button_of_the_site_to_the_answer_of_a_substitute(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look], invited: Iterator[Person]
) -> None:
    if timezone.localtime().date() != (timezone.localtime() + timedelta(minutes=50)).date():
        pytest.skip("NOT RUN: substitutes come on the same day, and this one is nearly over")
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(320, 390, 1280))
    walk = open_walk(next(invited), hands=Keyboard(), look=look)
    walk.log_in()
    agree(walk, portal)

    desk = open_walk(walk.person, width=1280).page
    log_in_as(desk, portal, "ockovani")
    desk.goto(f"{portal.url}/personal/kalendar/")
    desk.locator(".cal-bar a[href$='/nahradnici/']").click()
    see(desk, look, "start")
    desk.locator("#id_vaccine").select_option("comirnaty")
    desk.locator("#id_doses").fill("1")
    desk.locator("#id_minutes").fill("45 min")
    send(desk, Mouse(), "form[novalidate] button[type=submit]")
    expect(desk.locator("#list")).to_contain_text(walk.person.last_name)
    see(desk, look, "asked")

    # The link of the SMS, in a browser without scripts that reads English.
    sms = walk.inbox().text(template="reservation/substitute_offer")
    found = re.search(r"/o/[A-Z0-9]+/", sms)
    assert found, sms
    plain = open_walk(walk.person, has_javascript=False, language=ENGLISH).page
    plain_look = look_at(language=ENGLISH, width=390, has_javascript=False)
    plain.goto(f"{portal.url}{found.group()}")
    assert portal.row(OFFER, [walk.person.phone]) == ("",)
    see(plain, plain_look, "offer")
    walk.page.goto(f"{portal.url}{found.group()}")
    see(walk.page, look, "offer")
    send(walk.page, walk.hands, "button[name=answer][value=comes]")
    see(walk.page, look, "comes")
    assert portal.row(OFFER, [walk.person.phone]) == ("COMES",)
    # The page of the site reads itself again.
    desk.locator("[data-refresh-now]").click()
    expect(desk.locator("#list tbody tr").first).to_contain_text(walk.person.last_name)
    expect(desk.locator("#list button[value=comes]")).to_have_count(0)
    see(desk, look, "coming")

    plain.reload()
    send(plain, Mouse(), "button[name=answer][value=cannot]")
    see(plain, plain_look, "cannot")
    assert portal.row(OFFER, [walk.person.phone]) == ("DECLINED",)
    desk.reload()
    send(desk, Mouse(), "form[action$='/konec/'] button[type=submit]")
    see(desk, look, "ended")
    plain.reload()
    see(plain, plain_look, "taken")
