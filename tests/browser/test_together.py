"""Two people at one table reserve one time for both."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from crs.messaging import gsm7
from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, VIETNAMESE, new_person, register_and_invite
from tests.browser.portal import Portal
from tests.browser.walk import Look
from tests.pages import text_of_pdf


@pytest.mark.parametrize(("language", "width", "has_javascript"), [(CZECH, 390, True), (VIETNAMESE, 1280, False)])
def test_a_couple_reserves_one_time_by_keyboard(
    portal: Portal,
    open_walk: OpenWalk,
    look_at: Callable[..., Look],
    language: str,
    width: int,
    has_javascript: bool,
) -> None:
    couple = [new_person(language=language) for _ in range(2)]
    if has_javascript:  # grandparents on the telephone of a grandchild
        couple[1] = replace(couple[1], phone=couple[0].phone, typed_phone=couple[0].typed_phone)
    register_and_invite(portal.stack, couple)
    look = look_at(language=language, width=width, has_javascript=has_javascript)
    terms: dict[str, Any] = {"width": width, "has_javascript": has_javascript, "hands": Keyboard()}
    walk = open_walk(couple[0], language=language, **terms)
    walk.pin2, pin2_of_other = (
        walk.inbox(one.phone).pin(template="reservation/invitation", whom=gsm7.plain(one.first_name)) for one in couple
    )
    walk.log_in()
    walk.press(walk.page.locator("a[href='/rezervace/spolu/']"))
    walk.arrive("/rezervace/spolu/")
    look(walk.page, "together")
    walk.fill("phone", couple[1].typed_phone)
    walk.fill("pin2", pin2_of_other)
    walk.press(walk.button("Choose for both"))
    walk.arrive("/rezervace/misto/")
    look(walk.page, "site-for-two")
    walk.choose_day(portal.place(offset=90))
    walk.choose_time()
    look(walk.page, "confirm-for-two")
    walk.confirm()
    look(walk.page, "reserved-for-two")
    held = portal.rows(
        """SELECT v.state, v.party, a.slot_id FROM reservation_reservation v
           JOIN registration_registration r ON r.id = v.registration_id
           JOIN reservation_appointment a ON a.reservation_id = v.id AND a.dose_number = 1
           WHERE r.phone = ANY (%s)""",
        [[one.phone for one in couple]],
    )
    assert [state for state, _, _ in held] == ["CONFIRMED"] * 2
    assert len({party for _, party, _ in held}) == 1
    for one in couple:  # whosever telephone it is
        walk.inbox(one.phone).wait_for(template="reservation/confirmed", whom=gsm7.plain(one.first_name), count=1)
    paper = text_of_pdf(walk.context.request.get(f"{portal.url}/rezervace/potvrzeni.pdf").body())
    assert [one.name in paper for one in couple] == [True, False]
