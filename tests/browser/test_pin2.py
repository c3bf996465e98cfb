"""PIN2 was lost: the telephone is proven, PIN2 is sent once more, and the choice goes on without it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard, Mouse
from tests.browser.people import CZECH, UKRAINIAN, new_person, register_and_invite
from tests.browser.portal import Portal
from tests.browser.walk import Look


@pytest.mark.parametrize(("language", "width", "has_javascript"), [(CZECH, 390, True), (UKRAINIAN, 1280, False)])
def test_whoever_lost_pin2_goes_on_with_the_telephone(
    portal: Portal,
    open_walk: OpenWalk,
    look_at: Callable[..., Look],
    language: str,
    width: int,
    has_javascript: bool,
) -> None:
    look = look_at(language=language, width=width, has_javascript=has_javascript)
    person = new_person(language=language)
    # Two grandparents on the telephone of a grandchild, who is shown both and goes on for the first.
    other = replace(new_person(language=language), phone=person.phone)
    register_and_invite(portal.stack, [person, other])
    hands = Mouse() if has_javascript else Keyboard()
    walk = open_walk(person, width=width, has_javascript=has_javascript, hands=hands, look=look, language=language)
    walk.inbox().wait_for(template="reservation/invitation", count=2)
    walk.page.goto(f"{portal.url}/rezervace/")
    walk.press(walk.page.locator("main a[href='/rezervace/pin2/']").first)
    walk.arrive("/registrace/?dvere=moje")
    walk.fill("phone", person.typed_phone)
    walk.answer_captcha()
    walk.press(walk.button("Send me the PIN"))
    walk.arrive("/registrace/pin/")
    walk.fill("pin", walk.inbox().pin(template="registration/pin"))
    walk.press(walk.button("Continue"))
    walk.arrive("/rezervace/pin2/")
    look(walk.page, "my-pin2")
    expect(walk.page.locator("main h2")).to_contain_text([other.name, person.name])
    of_person = walk.page.locator(f"section:has-text('{person.name}')")
    walk.press(walk.button("Send me PIN2 once more").and_(of_person.locator("button")))
    expect(walk.page.locator(".crs-message[role=status]")).to_have_count(1)
    look(walk.page, "pin2-sent")
    assert walk.inbox().count(template="reservation/invitation") == 3
    walk.press(walk.button("Choose a time now, without PIN2").and_(of_person.locator("button")))
    walk.arrive("/rezervace/misto/")
    expect(walk.page.locator(".rsv-who strong")).to_have_text(person.name)
