"""A vaccination site's staff at their browsers, up to the dose that is recorded."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import HEIGHT
from tests.browser.hands import Hands, Keyboard
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look

CODE = """
SELECT r.check_in_code FROM reservation_reservation r JOIN registration_registration g ON g.id = r.registration_id
JOIN registration_person p ON p.id = g.person_id WHERE p.last_name = %s
"""


class Desk:
    """Somebody of the staff at a browser, at the site of the demonstration."""

    def __init__(self, page: Page, portal: Portal, login: str, look: Look) -> None:
        self.page, self.look = page, look
        log_in_as(page, portal, login)
        page.goto(f"{portal.url}/ockovani/")
        self.day = page.url

    def see(self, name: str) -> None:
        """Look at the page, also whether it fits into a telephone, a tablet and a desk."""
        axe.assert_fits(self.page, name=name, widths=HEIGHT)
        self.look(self.page, f"vaccination-{name}")

    def go(self, door: str) -> None:
        """Follow a link of the bar of the site."""
        self.page.locator(f".vcc-bar a[href$='/{door}/']").click()

    def search(self, text: str) -> None:
        """Type into the field of the day, as a scanner does it, and press Enter."""
        self.page.goto(self.day)
        expect(self.page.locator("#search")).to_be_focused()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def main(self, selector: str) -> Locator:
        """A place in the page, without its head and foot."""
        return self.page.locator("main").locator(selector)


def check_in(desk: Desk, hands: Hands) -> None:
    """The person stands at the desk with their card."""
    desk.page.wait_for_url("**/prichod/")
    desk.see("check-in")
    # Enter in the field that has the focus sends the form.
    is_keyboard = isinstance(hands, Keyboard)
    hands.press(desk.main("#id_identity_0" if is_keyboard else "form.vcc-form [type=submit]"))
    desk.page.wait_for_url("**/navstevy/*/")


def vaccinate(desk: Desk, hands: Hands, meanwhile: Callable[[], None] = lambda: None) -> None:
    """From the page of the visit to the recorded dose; the person answered the questions at home."""
    desk.see("visit")
    hands.press(desk.main(".vcc-next__act"))
    desk.page.wait_for_url("**/dotaznik/")
    desk.see("questions")
    focused = desk.main("#id_answer-ill_0")
    hands.press(focused if isinstance(hands, Keyboard) else desk.main("form.vcc-ask .crs-button").first)
    go_on = desk.main("a.crs-button[href$='/ockovani/']")
    expect(go_on).to_be_visible()
    desk.see("answers")
    hands.press(go_on)
    desk.page.wait_for_url("**/ockovani/")
    desk.see("vaccinate")
    meanwhile()
    doctor = desk.main("#id_doctor")
    if not doctor.input_value():
        hands.choose(doctor, doctor.locator("option").nth(1).get_attribute("value") or "")
    hands.press(desk.main(".vcc-record"))
    desk.page.wait_for_url("**/davky/**")
    desk.see("dose")


def code_of_person(portal: Portal, last_name: str) -> str:
    """The code on the confirmation of somebody's reservation."""
    return str(portal.row(CODE, [last_name])[0])
