"""Pages beside the walk, in the browser: errors, the inbox, what is registered, a time that is gone."""

from collections.abc import Callable, Iterator

from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.people import CZECH, Person, new_person
from tests.browser.portal import Portal
from tests.browser.walk import Look


def test_pages_beside_the_walk_are_accessible(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look], invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited), look=look_at(language=CZECH, width=390, has_javascript=True))
    walk.watch.expected |= {404, 409}
    page = walk.page

    page.goto(f"{portal.url}/registrace/")
    walk.fill("phone", "moje číslo")
    walk.press(walk.button("Send me the PIN"))
    expect(page.locator(".crs-errors")).to_be_focused()
    walk.look(page, "phone-error")
    walk.press(page.locator("button[name=captcha_kind][value=words]"))
    expect(page.locator("#id_phone")).to_have_value("moje číslo")
    walk.look(page, "phone-words")

    page.goto(f"{portal.url}/rezervace/")
    walk.fill("phone", walk.person.typed_phone)
    walk.fill("pin2", "0000 0000")
    walk.press(walk.button("Log in"))
    expect(page.locator(".crs-errors")).to_be_visible()
    walk.look(page, "log-in-error")

    walk.type_pin2()
    walk.arrive("/rezervace/misto/")
    place = portal.place(offset=380)
    walk.choose_day(place)
    portal.change("UPDATE reservation_slot SET booked = capacity WHERE id = %s", [place.slot_id])
    try:
        walk.press(walk.time_button(place))
        expect(page.locator("button[name=slot]").first).to_be_visible()
        walk.look(page, "taken")
    finally:
        portal.change("UPDATE reservation_slot SET booked = 0 WHERE id = %s", [place.slot_id])

    page.goto(f"{portal.url}/nic-takoveho/")
    walk.look(page, "not-found")
    page.goto(f"{portal.url}/inbox/?to={walk.person.phone}")
    walk.look(page, "inbox")
    for name, address in (("privacy", "ochrana-udaju"), ("statement", "pristupnost"), ("operator", "provozovatel")):
        page.goto(f"{portal.url}/{address}/")
        walk.look(page, name)


def test_who_is_registered_already_is_led_to_what_exists(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look]
) -> None:
    look = look_at(language=CZECH, width=1280, has_javascript=True)
    walk = open_walk(new_person(), width=1280)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.fill_in_form()
    walk.send_form()
    portal.change(
        "UPDATE registration_registration SET created_at = created_at - interval '1 hour' WHERE phone = %s",
        [walk.person.phone],
    )
    walk.page.goto(f"{portal.url}/registrace/formular/")
    walk.fill_in_form()
    walk.look_over()
    walk.hands.tick(walk.page.locator("#id_consent"))
    walk.press(walk.button("Register"))
    walk.arrive("/moje/registrace/")
    look(walk.page, "existing")
    expect(walk.page.locator("main")).to_contain_text(walk.person.name)
    assert portal.row("SELECT count(*) FROM registration_registration WHERE phone = %s", [walk.person.phone]) == (1,)
