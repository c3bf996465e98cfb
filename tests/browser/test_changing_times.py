"""Line 1221 and a site change times for a person: PIN2 once more, another time, the cancellation."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import HEIGHT, OpenWalk
from tests.browser.hands import Hands, Keyboard
from tests.browser.people import CZECH, new_person, register_and_invite
from tests.browser.portal import Place, Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look, no_look

REGISTRATION = "SELECT id FROM registration_registration WHERE phone = %s"
TIMES = """
SELECT a.slot_id FROM reservation_appointment a JOIN reservation_reservation v ON v.id = a.reservation_id
WHERE v.registration_id = %s AND v.state = 'CONFIRMED' AND a.state = 'BOOKED' ORDER BY a.dose_number
"""
SITE = """
SELECT r.site_id FROM logistics_staffrole r JOIN auth_user u ON u.id = r.user_id WHERE u.username = 'vedouci'
"""
_RESERVE = """
from django.utils import timezone
from reservation.models import Invitation
from reservation.reserving import booking
invitation = Invitation.objects.get(registration={registration}, revoked_at=None)
now = timezone.now()
held = booking.hold(invitation_id=invitation.pk, slot_id={slot}, now=now)
booking.confirm(reservation_id=held.reservation_id, registration_id={registration}, now=now)
"""


class Desk:
    """Somebody of the staff at a browser, by the keyboard; times are chosen at the site."""

    def __init__(self, page: Page, site: str, look: Look) -> None:
        self.page, self.site, self.look = page, site, look
        self.hands: Hands = Keyboard()

    def main(self, selector: str) -> Locator:
        """A place in the page, without its head and foot."""
        return self.page.locator("main").locator(selector)

    def see(self, name: str) -> None:
        """Look at the page, also whether it fits into each window."""
        axe.assert_fits(self.page, name=name, widths=(axe.NARROWEST, *HEIGHT))
        self.look(self.page, f"changing-{name}")

    def go(self, place: str) -> None:
        """Press what leads to another page."""
        with self.page.expect_navigation():
            self.hands.press(self.main(place).first)

    def move(self, dose: int) -> None:
        """Another time for a dose: a day, a time of it, what changes, and then it is done."""
        self.go(f"a[href='?davka={dose}']")
        self.see(f"days-of-dose-{dose}")
        if self.main("#misto").count():
            self.hands.choose(self.main("#misto"), self.site)
            self.go("form[method=get] button")
        days = self.main("#den option")
        self.hands.choose(self.main("#den"), days.nth(days.count() // 2).get_attribute("value") or "")
        self.go("form[method=get] button")
        self.see(f"times-of-dose-{dose}")
        self.go("#cas button[type=submit]")
        self.see(f"check-of-dose-{dose}")
        self.go("form button[type=submit]")
        expect(self.main(".crs-message[data-color=success]")).to_be_visible()
        self.see(f"changed-dose-{dose}")


def test_staff_send_pin2_move_times_and_cancel_them(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    person = new_person()
    register_and_invite(portal.stack, [person])
    (registration,) = portal.row(REGISTRATION, [person.phone])
    (site,) = portal.row(SITE)
    walk = open_walk(person, width=390)
    walk.inbox().pin(template="reservation/invitation")  # it has come
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(320, 390, 1280))
    line = Desk(walk.page, str(site), look)
    record = f"/registrace/{registration}/"
    log_in_as(line.page, portal, "podpora2", then=f"/personal{record}")
    line.go(f"a[href$='{record}pin2/']")
    line.see("pin2")
    line.go("form button[type=submit]")
    expect(line.main(".crs-message[data-color=success]")).to_be_visible()
    line.see("pin2-sent")
    assert walk.inbox().count(template="reservation/invitation") == 2

    place: Place = portal.place(offset=60, site_id=site)
    portal.stack.manage(
        "shell", "--verbosity", "0", "--command", _RESERVE.format(registration=registration, slot=place.slot_id)
    )
    booked = portal.rows(TIMES, [registration])
    assert len(booked) == 2
    line.page.goto(f"{portal.url}/personal{record}")
    line.go(f"a[href$='{record}terminy/']")
    line.see("times")
    line.move(1)
    moved = portal.rows(TIMES, [registration])
    assert moved[0] != booked[0]

    # The site, in a browser without scripts, and the later dose alone.
    walk = open_walk(new_person(), width=1280, has_javascript=False)
    plain = Desk(walk.page, str(site), no_look)
    address = f"/personal/kalendar/{site}/osoby/{registration}/terminy/"
    log_in_as(plain.page, portal, "vedouci", then=address)
    plain.move(2)
    assert portal.rows(TIMES, [registration])[0] == moved[0]
    assert portal.rows(TIMES, [registration])[1] != moved[1]

    # And the line, whose page is an old one by now.
    cancel = "form:has(input[name=cancel]) button[type=submit]"
    line.go(cancel)
    expect(line.main(".crs-message[data-color=warning]")).to_be_visible()
    line.see("not-cancelled")
    line.go(cancel)
    line.see("cancelled")
    assert not portal.rows(TIMES, [registration])
