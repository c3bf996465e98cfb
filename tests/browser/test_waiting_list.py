"""Straight on after registering, and a time that is offered from the waiting list, as people really press."""

import re
from collections.abc import Callable
from dataclasses import replace

import pypdfium2
from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, ENGLISH, new_person, register_and_invite
from tests.browser.portal import Portal, say
from tests.browser.walk import Look

# As the worker does it each minute, by the clock of tomorrow morning: at night nobody is offered anything.
_OFFER = """
from datetime import timedelta
from django.utils import timezone
from registration.models import Registration
from reservation.waiting import entries, offering
person = Registration.objects.get(phone={phone!r})
person.preferred_sites.set([{site!r}])
now = timezone.localtime().replace(hour=10) + timedelta(days=1)
entries.join(registration_id=person.pk, now=now)
assert offering.offer(now=now) == 1
"""
_WAIT = 500


def test_somebody_with_one_name_who_registers_while_seats_are_free_goes_on_by_keyboard_without_javascript(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    # Whoever other tests registered is invited first, so that nobody comes before.
    portal.stack.manage("invite", "--limit", "500")
    look = look_at(language=ENGLISH, width=390, has_javascript=False)
    suharto = replace(new_person(language=ENGLISH), first_name="", last_name="Suharto")
    walk = open_walk(suharto, has_javascript=False, hands=Keyboard(), look=look)
    place = portal.place(offset=90)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.fill_in_form(place)
    walk.press(walk.button("Continue to the check"))
    expect(walk.page.locator("#id_first_name_error")).to_be_visible()
    walk.send_form()
    go_on = walk.button("Choose a place and a time now")
    if not go_on.count():  # who comes first was looked up before that
        walk.press(walk.page.get_by_role("link", name=say("My registration", language=ENGLISH), exact=True).first)
        walk.press(walk.page.locator("main a[href^='/moje/registrace/']").first)
    for _ in range(30):
        if go_on.count():
            break
        walk.page.wait_for_timeout(_WAIT)
        walk.page.reload()
    walk.press(go_on)
    walk.arrive("/rezervace/misto/")
    walk.choose_day(place)
    walk.choose_time()
    walk.confirm()
    ((state, slot, _code),) = walk.living()
    assert (state, slot) == ("CONFIRMED", place.slot_id)
    assert walk.inbox().count(template="reservation/invitation") == 1
    expect(walk.page.locator(".rsv-who strong")).to_have_text(re.compile("^Suharto$"))
    assert "\nSuharto: " in walk.inbox().text(template="reservation/confirmed")
    paper = pypdfium2.PdfDocument(walk.context.request.get(f"{portal.url}/rezervace/potvrzeni.pdf").body())
    assert "Suharto" in paper[0].get_textpage().get_text_range().splitlines()


def test_an_offered_time_is_taken_or_another_one_chosen(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=390, has_javascript=True)
    walk = open_walk(new_person(), look=look, language=CZECH)
    place = portal.place(offset=120)
    register_and_invite(portal.stack, [walk.person])
    walk.pin2 = walk.inbox().pin(template="reservation/invitation")
    portal.stack.manage(
        "shell",
        "--verbosity",
        "0",
        "--command",
        _OFFER.format(phone=walk.person.phone, site=str(place.site_id)),
    )
    link = re.search(r"/o/[A-Z2-9]{16}/", walk.inbox().text(template="reservation/seat_offer"))
    assert link
    walk.page.goto(f"{portal.url}{link[0]}")
    walk.arrive("/rezervace/nabidka/")
    look(walk.page, "offered-time")
    walk.press(walk.button("Choose another time"))
    walk.arrive("/rezervace/misto/")
    look(walk.page, "site-beside-an-offer")
    walk.page.goto(f"{portal.url}/rezervace/cekaci-listina/")
    look(walk.page, "waiting-list")
    walk.page.goto(f"{portal.url}/rezervace/nabidka/")
    walk.press(walk.button("I want this time"))
    expect(walk.page.locator(".rsv-appointment")).to_have_count(2)
    look(walk.page, "taken")
    ((state, _slot, _code),) = walk.living()
    assert state == "CONFIRMED"
