"""What goes wrong between a person and the portal, and that nothing is lost by it."""

import re
import time
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWalk
from tests.browser.hands import DoubleClick, SlowDoubleClick
from tests.browser.people import Person, new_person
from tests.browser.portal import Portal, say
from tests.browser.walk import Walk

SESSION, CONFLICT, AWAY, OLD_PAGE = "crs_session", 409, 503, 403
# What is left of a hold when a busy machine needed three minutes; clocks of tests are off by eleven and by sixty.
ABOUT_TEN_MINUTES = re.compile(r"^(10:00|[789]:[0-5]\d)$")

# As the worker does it each minute, by a clock that is eleven minutes on.
_RUN_OUT = """
from datetime import timedelta
from django.utils import timezone
from reservation.reserving import booking
booking.release_expired(now=timezone.now() + timedelta(minutes=11))
"""


@pytest.mark.parametrize(
    "has_javascript",
    [
        pytest.param(True, id="js"),
        pytest.param(False, id="nojs"),
    ],
)
def test_a_double_click_on_every_button_does_everything_once(
    portal: Portal, open_walk: OpenWalk, has_javascript: bool
) -> None:
    walk = open_walk(new_person(), has_javascript=has_javascript, hands=DoubleClick())
    place = portal.place(offset=300)
    walk.start()
    walk.ask_for_pin()
    assert walk.inbox().count(template="registration/pin") == 1
    walk.prove_telephone()
    walk.fill_in_form(place)
    walk.send_form()
    assert walk.inbox().count(template="registration/registered") == 1
    walk.finish()
    walk.wait_for_turn()
    walk.log_in()
    walk.choose_day(place)
    walk.choose_time()
    walk.confirm()
    walk.check_doses()
    assert [state for state, *_rest in walk.living()] == ["CONFIRMED"]
    assert walk.inbox().count(template="reservation/confirmed") == 1
    assert portal.row("SELECT booked FROM reservation_slot WHERE id = %s", [place.slot_id]) == (1,)
    walk.log_out()
    twice = [address for address, times in walk.watch.sent.items() if times > 1 and "formular" not in address]
    # With JavaScript the page keeps the second click to itself; without it the server really gets both.
    assert bool(twice) is not has_javascript, twice


def test_the_second_half_of_a_slow_double_click_presses_nothing_on_the_next_page(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited), hands=SlowDoubleClick())
    walk.log_in()
    walk.choose_day(portal.place(offset=306))
    walk.choose_time()
    assert [state for state, *_rest in walk.living()] == ["HELD"]
    the_countdown_trusts_no_clock_of_the_device(walk)


def the_countdown_trusts_no_clock_of_the_device(walk: Walk) -> None:
    """On the page of a hold: the clock is eleven minutes off from the start, is set back, and is set on."""
    left, over = walk.page.locator("[data-countdown-seconds]"), walk.page.locator("#hold-ran-out")
    walk.page.context.add_init_script(
        "const real = Date.now; window.off = Number(sessionStorage.off) * 60000; Date.now = () => real() + window.off;"
    )
    for minutes in (11, -11):
        walk.page.evaluate(f"sessionStorage.off = {minutes}")
        walk.page.reload()
        expect(left).to_have_text(ABOUT_TEN_MINUTES)
    for minutes in (-60, 60):
        with walk.page.expect_response(lambda answer: "potvrdit" in answer.url) if minutes > 0 else nullcontext():
            walk.page.evaluate(f"window.off = {minutes} * 60000")
            walk.page.wait_for_timeout(1500)
        expect(left).to_have_text(ABOUT_TEN_MINUTES)
    expect(over).to_be_hidden()
    # A device that slept while the server is away: rather too little time than too much.
    walk.watch.expected.add(AWAY)
    walk.page.route("**/potvrdit/", lambda route: route.fulfill(status=AWAY))
    walk.page.evaluate("window.off += 11 * 60000")
    expect(over).to_be_visible()


def test_the_back_button_after_each_step_breaks_nothing(portal: Portal, open_walk: OpenWalk) -> None:
    walk = open_walk(new_person())
    place = portal.place(offset=310)
    walk.start()
    walk.ask_for_pin()
    back_and_forth(walk)
    walk.prove_telephone()
    back_and_forth(walk)
    walk.fill_in_form()
    walk.send_form()
    back_and_forth(walk)
    walk.finish()
    back(walk)
    expect(walk.page.locator("body")).not_to_contain_text(walk.person.last_name)
    walk.wait_for_turn()
    walk.log_in()
    back_and_forth(walk)
    walk.choose_day(place)
    back_and_forth(walk)
    walk.choose_time()
    back(walk)
    expect(walk.page.locator("main")).to_contain_text(say("Back to the time I chose", language="cs"))
    walk.page.go_forward()
    walk.confirm()
    back(walk)
    walk.arrive("/rezervace/hotovo/")
    walk.check_doses()
    walk.log_out()
    back(walk)
    walk.arrive("/rezervace/")
    expect(walk.page.locator("body")).not_to_contain_text(walk.person.last_name)
    assert [state for state, *_rest in walk.living()] == ["CONFIRMED"]


def test_two_tabs_that_choose_two_times_end_with_one_reservation(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited))
    first = portal.place(offset=320)
    second = portal.place(offset=8, site_id=first.site_id)
    walk.log_in()
    tabs = [walk.page, walk.context.new_page()]
    for tab, place in zip(tabs, (first, second), strict=True):
        tab.goto(f"{portal.url}/rezervace/misto/{place.site_id}/{place.day}/")
    for tab, place in zip(tabs, (first, second), strict=True):
        walk.page, walk.place = tab, place
        walk.choose_time()
        walk.check_doses()
    assert [slot for _state, slot, _code in walk.living()] == [second.slot_id]

    # The first tab still shows the time that was given up: it must not be confirmed behind the person's back.
    walk.page = tabs[0]
    walk.answer_captcha()
    walk.press(walk.button("Confirm"))
    expect(walk.page.locator(".crs-message").first).to_contain_text(
        say("You chose another time in the meantime. Please check it here.", language="cs")
    )
    walk.check_doses()
    walk.confirm()
    assert [(state, slot) for state, slot, _code in walk.living()] == [("CONFIRMED", second.slot_id)]
    assert portal.row("SELECT booked FROM reservation_slot WHERE id = %s", [first.slot_id]) == (0,)


def test_a_session_that_ends_in_the_middle_goes_on_after_logging_in_again(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited))
    walk.log_in()
    walk.choose_day(portal.place(offset=330))
    walk.context.clear_cookies(name=SESSION)
    walk.press(walk.time_button(walk.place))
    walk.arrive("/rezervace/")
    walk.type_pin2()
    walk.arrive("/rezervace/potvrdit/")
    walk.check_doses()

    walk.context.clear_cookies(name=SESSION)
    walk.answer_captcha()
    walk.press(walk.button("Confirm"))
    walk.arrive("/rezervace/")
    walk.type_pin2()
    walk.arrive("/rezervace/potvrdit/")
    walk.check_doses()
    walk.confirm()


def test_a_browser_that_lost_every_cookie_gets_a_kind_page_and_a_way_on(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited))
    walk.watch.expected.add(OLD_PAGE)
    walk.log_in()
    walk.choose_day(portal.place(offset=340))
    walk.choose_time()
    walk.context.clear_cookies()
    walk.answer_captcha()
    walk.press(walk.button("Confirm"))
    expect(walk.page.locator("h1")).to_have_text(say("The form was not sent", language="cs"))
    walk.press(walk.page.locator("main a.crs-button"))
    walk.arrive("/")
    walk.log_in(arrives_at="/rezervace/potvrdit/")
    walk.check_doses()
    walk.confirm()


def test_the_last_seat_goes_to_one_of_two_and_the_other_gets_the_next_time_with_one_click(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    place = portal.place(offset=350)
    portal.change("UPDATE reservation_slot SET capacity = booked + 1 WHERE id = %s", [place.slot_id])
    walks = [open_walk(next(invited)), open_walk(next(invited))]
    for walk in walks:
        walk.watch.expected.add(CONFLICT)
        walk.log_in()
        walk.choose_day(place)
    for walk in walks:
        # Without waiting for the answer: both requests are on their way at the same time.
        walk.time_button(place).evaluate("button => setTimeout(() => button.click(), 0)")
    for walk in walks:
        walk.page.wait_for_url(re.compile("/rezervace/(potvrdit|drzet)/$"))
    loser, winner = sorted(walks, key=lambda walk: walk.page.url.endswith("/potvrdit/"))
    assert loser.page.url.endswith("/drzet/")
    assert winner.page.url.endswith("/potvrdit/")
    winner.check_doses()

    expect(loser.page.locator("h1")).to_have_text(say("Somebody else has just taken this time", language="cs"))
    offers = loser.page.locator("button[name=slot]")
    assert offers.count() == 6
    nearest = int(offers.first.get_attribute("value") or 0)
    loser.press(offers.first)
    loser.arrive("/rezervace/potvrdit/")
    slow_people_confirm_what_is_still_free(portal, winner, loser, nearest)
    assert [slot for _state, slot, _code in winner.living()] == [place.slot_id]


def slow_people_confirm_what_is_still_free(portal: Portal, lucky: Walk, unlucky: Walk, taken: int) -> None:
    """Both holds run out; only the seat of the lucky one is left over when they press the button."""
    portal.stack.manage("shell", "--verbosity", "0", "--command", _RUN_OUT)
    assert (lucky.living(), unlucky.living()) == ([], [])
    portal.change("UPDATE reservation_slot SET booked = capacity WHERE id = %s", [taken])
    lucky.confirm()
    try:
        unlucky.answer_captcha()
        unlucky.press(unlucky.button("Confirm"))
        expect(unlucky.page.locator("h1")).to_have_text(say("The time we kept for you has run out", language="cs"))
        other = unlucky.page.locator("button[name=slot]").first
        chosen = int(other.get_attribute("value") or 0)
        unlucky.press(other)
        unlucky.arrive("/rezervace/potvrdit/")
        unlucky.confirm()
    finally:
        portal.change("UPDATE reservation_slot SET booked = 0 WHERE id = %s", [taken])
    assert chosen != taken
    assert [(state, slot) for state, slot, _code in unlucky.living()] == [("CONFIRMED", chosen)]


def test_a_booking_goes_on_when_the_database_restarts_in_the_middle(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    walk = open_walk(next(invited))
    place = portal.place(offset=360)
    portal.lose_connections()
    walk.log_in()
    portal.lose_connections()
    walk.choose_day(place)
    lose_connections_in_a_burst(portal)
    walk.choose_time()
    walk.check_doses()
    walk.answer_captcha()
    lose_connections_in_a_burst(portal)
    walk.press(walk.button("Confirm"))
    walk.arrive("/rezervace/hotovo/")
    assert [(state, slot) for state, slot, _code in walk.living()] == [("CONFIRMED", place.slot_id)]


def test_while_the_database_is_away_a_page_says_so_and_reloading_it_sends_the_form_again(
    portal: Portal, open_walk: OpenWalk
) -> None:
    walk = open_walk(new_person(has_email=True))
    walk.watch.expected.add(AWAY)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.fill_in_form(portal.place(offset=370))
    walk.look_over()
    walk.hands.tick(walk.page.locator("#id_consent"))
    portal.shut_database()
    try:
        walk.page.set_default_timeout(60_000)
        walk.press(walk.button("Register"))
        expect(walk.page.locator("h1")).to_have_text(
            say("The system is very busy at this moment", language="cs"), timeout=60_000
        )
    finally:
        portal.open_database()
    expect(walk.page.locator("main")).to_contain_text("načtěte")
    # Nothing there leads away from the form but the page that says how CRS works at present.
    expect(walk.page.locator("main a")).to_have_attribute("href", "/stav/")
    # A person is asked first; Playwright confirms. The answer leads to a page that can be reloaded at will.
    walk.page.reload()
    walk.arrive("/registrace/hotovo/")
    walk.page.reload()
    (count,) = portal.row("SELECT count(*) FROM registration_registration WHERE phone = %s", [walk.person.phone])
    assert count == 1


WRONG_CLOCK = "const ask = Date.now; globalThis.wrongBy = %d * 60_000; Date.now = () => ask() + globalThis.wrongBy;"


def test_the_time_that_is_left_is_right_on_a_telephone_whose_clock_is_wrong(
    portal: Portal, open_walk: OpenWalk, invited: Iterator[Person]
) -> None:
    slow = open_walk(new_person())
    slow.context.add_init_script(WRONG_CLOCK % -60)
    slow.start()
    slow.ask_for_pin()
    expect(slow.page.locator("[role=timer]")).to_have_text(re.compile("^(1:00|0:..)$"))

    fast = open_walk(next(invited))
    fast.context.add_init_script(WRONG_CLOCK % 10)
    fast.log_in()
    fast.choose_day(portal.place(offset=380))
    fast.choose_time()
    expect(fast.page.locator("#hold-lasts [role=timer]")).to_have_text(ABOUT_TEN_MINUTES)
    expect(fast.page.locator("#hold-ran-out")).to_be_hidden()


def lose_connections_in_a_burst(portal: Portal) -> None:
    for _time in range(3):
        portal.lose_connections()
        time.sleep(0.05)


def back(walk: Walk) -> None:
    """One step back leads to a page that works."""
    answer = walk.page.go_back()
    assert answer is None or answer.status < 400, f"{answer.status} at {walk.page.url}"
    expect(walk.page.locator("h1")).to_be_visible()


def back_and_forth(walk: Walk) -> None:
    """One step back and forward again; the page is as it was."""
    here, heading = walk.page.url, walk.page.locator("h1").inner_text()
    back(walk)
    answer = walk.page.go_forward()
    assert answer is None or answer.status < 400
    assert walk.page.url == here
    expect(walk.page.locator("h1")).to_have_text(heading)
