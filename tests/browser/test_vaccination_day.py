"""A day of a vaccination site on tablets: who has a confirmation, who has none, what the nurse does, the evening."""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.desk import Desk, check_in, code_of_person, vaccinate
from tests.browser.hands import Keyboard, Mouse, scan
from tests.browser.people import CZECH, new_person
from tests.browser.portal import Portal
from tests.browser.walk import Look, no_look
from tests.pages import text_of_pdf

# From the list of the day to the dose that is recorded, besides the search itself.
MOST_STROKES = 12
DOSES = "SELECT count(*) FROM vaccination_dose"
# The doses of today at a site, and the doses that the ledger gave out for them.
BALANCE = """
WITH given AS (
    SELECT consumption_id FROM vaccination_dose
    WHERE state = 'VALID' AND site_id = %s AND given_on = (now() AT TIME ZONE 'Europe/Prague')::date
)
SELECT (SELECT count(*) FROM given),
       (SELECT -sum(quantity) FROM logistics_stockmovement WHERE document_id IN (SELECT consumption_id FROM given))
"""
# Shortly after midnight the demonstration's people have sat for less than the time of an observation.
HAS_SAT = """
UPDATE vaccination_visit v SET observe_until = now() FROM registration_registration r
JOIN registration_person p ON p.id = r.person_id WHERE r.id = v.registration_id AND p.last_name = %s
"""


def scan_the_next_card(desk: Desk, portal: Portal, code: str) -> None:
    """A scanner types and presses Enter while the button of this person's dose has the focus: nothing is recorded."""
    here, before = desk.page.url, portal.row(DOSES, [])
    desk.main(".vcc-record").focus()
    scan(desk.page, code)
    desk.page.wait_for_url("**/prichod/")
    assert portal.row(DOSES, []) == before
    desk.page.goto(here)


def test_the_day_of_a_vaccination_site(portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]) -> None:
    code = partial(code_of_person, portal)
    look = look_at(language=CZECH, width=768, has_javascript=True, other_widths=(390, 768, 1280))
    nurse = Desk(open_walk(new_person(), width=768).page, portal, "ockovani", look)
    page = nurse.page
    nurse.see("day")

    # The nurse takes her place, where a vial is open.
    nurse.go("ampule")
    nurse.see("vials")
    nurse.main(".vcc-stations button").first.click()
    expect(nurse.main(".vcc-place[data-mine]")).to_contain_text("EJ6797")

    # By keyboard alone, from the confirmation in the scanner to the dose.
    keyboard = Keyboard()
    nurse.search(code("Novotný"))
    check_in(nurse, keyboard)
    vaccinate(nurse, keyboard, lambda: scan_the_next_card(nurse, portal, code("Fialová")))
    assert keyboard.strokes <= MOST_STROKES, f"{keyboard.strokes} strokes"

    # The paper, and a time for the second dose.
    paper = nurse.main("a[href$='/potvrzeni/']").get_attribute("href")
    assert "EJ6797" in text_of_pdf(page.request.get(f"{portal.url}{paper}").body())
    nurse.main(".vcc-times button").first.click()
    expect(nurse.main(".vcc-next-dose")).to_have_attribute("data-fits", "yes")
    nurse.see("second-dose")

    # Somebody's time is over; somebody must go earlier.
    portal.change(HAS_SAT, ["Veselá"])
    nurse.go("sledovani")
    nurse.see("observation")
    page.locator(".vcc-sits li", has_text="Veselá Drahomíra").locator("form button").click()
    expect(nurse.main(".crs-message[data-color=success]")).to_be_visible()
    page.locator(".vcc-sits li", has_text="Novotný Karel").locator("form button").click()
    page.locator("#id_reason").fill("Čeká na něj sanitka.")
    nurse.see("leave")
    nurse.main("form [type=submit]").click()
    expect(page.locator(".vcc-sits li", has_text="Novotný Karel")).to_have_count(0)

    # The registrar at a desk registers somebody who has no appointment.
    desk = Desk(open_walk(new_person(), width=1280).page, portal, "registrace", look)
    desk.go("bez-terminu")
    desk.see("walk-in")
    person = new_person()
    desk.page.locator("#id_number").fill(person.insured_number)
    desk.page.keyboard.press("Enter")
    desk.page.locator("#id_insurer").select_option("111")
    desk.page.locator("#id_first_name").fill("Zbyněk")
    desk.page.locator("#id_last_name").fill("Ďurica")
    desk.page.locator("#id_consent").check()
    desk.see("register")
    desk.main("form [type=submit]").click()
    desk.page.wait_for_url("**/dnes/")
    desk.see("check-in-today")
    desk.main("form.vcc-form [type=submit]").click()
    desk.page.wait_for_url("**/navstevy/*/")
    desk.see("visit-of-walk-in")

    # A browser without scripts does all of it too.
    plain = Desk(open_walk(new_person(), width=1280, has_javascript=False).page, portal, "vedouci", no_look)
    plain.go("ampule")
    plain.main(".vcc-stations button").first.click()
    plain.search(code("Fialová"))
    check_in(plain, Mouse())
    vaccinate(plain, Mouse())

    # The evening: the day cannot be closed while people sit or wait, and says so; what was given was taken.
    desk.go("uzaverka")
    desk.see("closing")
    expect(desk.main(".crs-message[data-color=warning]")).to_be_visible()
    assert desk.main(".vcc-step").count() == 5
    given, taken = portal.row(BALANCE, [desk.day.split("/")[-2]])
    assert given == taken
