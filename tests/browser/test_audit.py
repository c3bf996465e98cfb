"""The wait that a person reads on their registration, and the sample that an auditor draws of the order."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, ENGLISH, new_person, register, register_and_invite
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look, Walk

# Ten people a week reserved everywhere in the last month.
_COUNT = """
from django.utils import timezone
from logistics.models import Region
from reservation.inviting import waiting_summary
from reservation.models import WaitingSummary
now = timezone.now()
waiting_summary.refresh(now=now)
weeks = {{region: [10, 10, 10, 10] for region in Region.objects.values_list("pk", flat=True)}}
WaitingSummary.objects.update(served={{"day": timezone.localdate(now).isoformat(), "weeks": weeks}})
"""
# As if it had been yesterday: today's reservations are not drawn yet.
_RESERVE = """
from datetime import timedelta
from django.utils import timezone
from reservation.models import Invitation, ReservationGrounds
from reservation.reserving import booking
invitation = Invitation.objects.get(registration__phone={phone!r}, revoked_at=None)
now, person = timezone.now(), invitation.registration_id
held = booking.hold(invitation_id=invitation.pk, slot_id={slot}, now=now)
booking.confirm(reservation_id=held.reservation_id, registration_id=person, now=now)
kept = ReservationGrounds.objects.filter(pk=held.reservation_id)
kept.update(decided_at=now - timedelta(days=1), ahead=3, waiting=1204, counted_at=now)
"""


def test_a_person_reads_how_long_the_wait_will_probably_be(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    person = new_person(language=ENGLISH)
    register(portal.stack, [person])
    portal.stack.manage("shell", "--verbosity", "0", "--command", _COUNT.format())
    look = look_at(language=ENGLISH, width=390, has_javascript=False)
    walk = open_walk(person, has_javascript=False, hands=Keyboard(), look=look)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.page.goto(f"{portal.url}/moje/registrace/")
    walk.press(walk.page.locator("main a[href^='/moje/registrace/']").first)
    expect(walk.page.locator("main")).to_contain_text("Your turn will probably come")
    look(walk.page, "my-registration-with-the-wait")


def test_an_auditor_draws_a_sample_by_keyboard_and_opens_one_also_without_javascript(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    person = new_person()
    register_and_invite(portal.stack, [person])
    place = portal.place(offset=150)
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(320, 390, 1280))
    walk = open_walk(person, width=390, hands=Keyboard(), language=CZECH)
    walk.inbox().pin(template="reservation/invitation")  # it has come
    reserve = _RESERVE.format(phone=person.phone, slot=place.slot_id)
    portal.stack.manage("shell", "--verbosity", "0", "--command", reserve)
    log_in_as(walk.page, portal, "ministerstvo", then="/personal/namatkova-kontrola/")
    look(walk.page, "audit-form")
    walk.press(walk.button("Draw the sample"))
    expect(walk.page.locator(".aud-list tbody tr").first).to_be_visible()
    assert "seed=" in walk.page.url
    expect(walk.page.locator("main")).not_to_contain_text(person.last_name)
    look(walk.page, "audit-sample")
    walk.press(walk.page.locator(".aud-list tbody a").first)
    _open(walk, look)

    plain = open_walk(person, width=1280, has_javascript=False, hands=Keyboard(), language=CZECH)
    cookies: Any = walk.context.cookies()
    plain.context.add_cookies(cookies)
    plain.page.goto(walk.page.url)
    _open(plain, look_at(language=CZECH, width=1280, has_javascript=False))


def _open(walk: Walk, look: Look) -> None:
    """See whose reservation it is: not without a reason."""
    page, button = walk.page, walk.button("Show whose it is")
    walk.press(button)
    expect(page.locator(".crs-errors")).to_be_visible()
    look(page, "audit-reason")
    walk.fill("reason", "Stížnost na pořadí")
    walk.press(button)
    expect(page.locator("main")).to_contain_text(walk.person.last_name)
    look(page, "audit-opened")
