"""A dispatcher's work at the help desk, by the keyboard alone, from the list to the answer and to the next level."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import axe
from tests.browser.conftest import HEIGHT, OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.browser.walk import Look

SUBJECT = "Dcera objednává oba rodiče"
STATE = "SELECT state, level FROM support_ticket WHERE subject = %s"
ANSWERS = "SELECT count(*) FROM support_letter l JOIN support_ticket t ON t.id = l.ticket_id"
ANSWERS += " WHERE t.subject = %s AND l.kind = 'ANSWER'"


def see(page: Page, look: Look, name: str) -> None:
    """Look at the page on a telephone and, with axe, in the narrowest and the widest window too."""
    page.set_viewport_size({"width": 390, "height": HEIGHT[390]})
    look(page, f"support-{name}")
    for width in (axe.NARROWEST, 1280):
        page.set_viewport_size({"width": width, "height": HEIGHT[1280]})
        axe.assert_accessible(page, name=f"{name} at {width} px")


def press_key(page: Page, key: str, place: str | Locator) -> None:
    """Press a letter of the desk: it takes whoever pressed it to the place."""
    page.wait_for_load_state()  # a page that still loads does not know its letters
    page.keyboard.press(key)
    expect(page.locator(place) if isinstance(place, str) else place).to_be_focused()


def test_a_ticket_is_worked_on_by_the_keyboard_alone(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    page = open_walk(new_person()).page
    look = look_at(language=CZECH, width=390, has_javascript=True, other_widths=(390, 1280))
    keyboard = Keyboard()
    log_in_as(page, portal, "podpora2", then="/podpora/?pohled=vse")
    see(page, look, "list")

    # Rows one after the other, back again, and to the search, where a letter is a letter.
    rows = page.locator("[data-row]")
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        press_key(page, key, rows.nth(place))
    press_key(page, "/", "#id_text")
    page.keyboard.type("dcera rodice")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    press_key(page, "j", rows.first)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(SUBJECT)
    see(page, look, "ticket")

    # Taken up: from now on colleagues see it.
    press_key(page, "p", "button[data-key=p]")
    page.keyboard.press("Enter")
    expect(page.locator(".crs-message[data-color=success]")).to_be_visible()

    press_key(page, "n", "textarea[data-key=n]")
    page.keyboard.type("Ptá se už potřetí; jen a pouze kvůli telefonu.")
    keyboard.press(page.locator("form[action$='/poznamka/'] button"))
    expect(page.locator("article[data-kind=note]")).to_contain_text("jen a pouze kvůli telefonu")

    # A prepared answer, completed, and sent: it waits for the sender.
    canned = page.locator("#id_canned_canned")
    value = canned.locator("option", has_text="Bez mobilu").get_attribute("value") or ""
    keyboard.choose(canned, value)
    keyboard.press(page.locator("button[name=vlozit]"))
    answer = page.locator("textarea[data-key=a]")
    expect(answer).to_be_focused()
    expect(answer).to_have_value(f"Dobrý den,\n\nkdo nemá telefon{answer.input_value().partition('telefon')[2]}")
    see(page, look, "prepared-answer")
    page.keyboard.press("Control+End")
    # Typing is no request; after a while the page sends one, or the session would end over a long answer.
    page.evaluate("const now = Date.now; Date.now = () => now() + 5 * 60 * 1000")
    with page.expect_request(lambda request: request.method == "HEAD" and request.url.endswith("/klavesy/")):
        page.keyboard.type("\n\nZ jednoho telefonu to jde.")
    keyboard.tick(page.locator("form[action='/podpora/odpoved/'] input[value=waits]"))
    keyboard.press(page.locator("form[action='/podpora/odpoved/'] .crs-actions button"))
    expect(page.locator("article[data-kind=out]")).to_contain_text("Z jednoho telefonu to jde.")
    assert portal.row(ANSWERS, [SUBJECT]) == (1,)
    assert portal.row(STATE, [SUBJECT]) == ("WAITING", 2)

    # Without a reason nobody passes it on; what is missing is told at the field.
    press_key(page, "e", "textarea[data-key=e]")
    keyboard.press(page.locator("form[action$='/vys/'] button"))
    expect(page.locator(".crs-errors")).to_be_focused()
    see(page, look, "refused")
    press_key(page, "e", "textarea[data-key=e]")
    page.keyboard.type("Prosím ověřit, zda dva termíny v jeden čas projdou.")
    keyboard.press(page.locator("form[action$='/vys/'] button"))
    expect(page.locator("article[data-kind=note]").last).to_contain_text("L2 → L3")
    assert portal.row(STATE, [SUBJECT])[1] == 3
    see(page, look, "passed-on")

    # Back to the list; and whoever dictates switches the letters off.
    press_key(page, "u", "a[data-key=u]")
    page.keyboard.press("Enter")
    expect(page.locator(".sup-tabs")).to_be_visible()
    press_key(page, "?", "a[data-key='?']")
    page.keyboard.press("Enter")
    see(page, look, "keys")
    keyboard.press(page.locator("button[name=keys][value=off]"))
    expect(page.locator("button[name=keys][value=on]")).to_be_visible()
    page.goto(f"{portal.url}/podpora/?pohled=vse")
    page.keyboard.press("j")
    assert not page.evaluate("document.activeElement.matches('[data-row]')")
