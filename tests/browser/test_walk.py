"""From a telephone number to two reserved doses, as people really walk."""

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from playwright.sync_api import expect

from tests.browser import pdf
from tests.browser.conftest import OpenWalk
from tests.browser.hands import Keyboard
from tests.browser.people import CZECH, ENGLISH, new_person
from tests.browser.portal import Portal
from tests.browser.walk import Look, Walk, no_look
from tests.pages import text_of_pdf

PRAGUE = ZoneInfo("Europe/Prague")
MONTHS = {
    CZECH: (
        *("ledna", "února", "března", "dubna", "května", "června"),
        *("července", "srpna", "září", "října", "listopadu", "prosince"),
    ),
    ENGLISH: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
# Half of the eight: every two of width, language and JavaScript still meet in each of their ways.
COMBINATIONS = [
    pytest.param(
        width,
        language,
        has_javascript,
        id=f"{width}-{language}-{'js' if has_javascript else 'nojs'}",
    )
    for width, language, has_javascript in (
        (390, CZECH, True),
        (1280, ENGLISH, True),
        (390, ENGLISH, False),
        (1280, CZECH, False),
    )
]


@pytest.mark.parametrize(("width", "language", "has_javascript"), COMBINATIONS)
def test_a_citizen_over_80_walks_from_a_telephone_number_to_two_doses(
    portal: Portal,
    open_walk: OpenWalk,
    look_at: Callable[..., Look],
    width: int,
    language: str,
    has_javascript: bool,
) -> None:
    walk = open_walk(
        new_person(language=language, has_email=True),
        width=width,
        has_javascript=has_javascript,
        look=look_at(language=language, width=width, has_javascript=has_javascript),
        is_captcha_in_words=(width, language) in {(1280, CZECH), (390, ENGLISH)},
    )
    walk_to_the_end(walk, portal, is_staff_inviting=has_javascript and (width, language) == (390, CZECH))
    if width == 390:
        look = look_at(language=language, width=width, has_javascript=has_javascript)
        change_and_cancel(walk, portal, look, is_reminded=not has_javascript)


def test_the_whole_walk_can_be_done_by_keyboard_alone_and_the_focus_is_always_seen(
    portal: Portal, open_walk: OpenWalk
) -> None:
    walk = open_walk(new_person(has_email=True), width=1280, hands=Keyboard())
    walk_to_the_end(walk, portal)
    change_and_cancel(walk, portal)


@pytest.mark.parametrize("has_document", [True, False])
def test_a_foreigner_registers_by_a_passport_and_a_name_in_another_script_is_spelled_now_or_at_the_site(
    portal: Portal, open_walk: OpenWalk, look_at: Callable[..., Look], has_document: bool
) -> None:
    """Whoever has no document at hand walks without JavaScript, and only sends the form once more."""
    look = look_at(language=CZECH, width=390, has_javascript=has_document)
    olena = replace(new_person(), first_name="Олена", last_name="Шевченко")
    if has_document:
        # As the passport and her own telephone write them.
        olena = replace(olena, passport="fa 123456", typed_phone="00380 (50) 123-45-67", phone="+380501234567")
    walk = open_walk(olena, width=390, has_javascript=has_document)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.fill_in_form()
    expect(walk.page.locator("#id_latin_last_name")).to_have_count(0)
    walk.press(walk.button("Continue to the check"))
    expect(walk.page.locator("#id_latin_first_name_error")).to_be_visible()
    walk.assert_kept()
    look(walk.page, "spelling")
    if has_document:
        walk.fill("latin_first_name", "Olena")
        walk.fill("latin_last_name", "Shevchenko")
    walk.send_form()
    kept = portal.row(
        "SELECT latin_last_name, last_name, document_country FROM registration_person JOIN registration_registration "
        "ON person_id = registration_person.id WHERE phone = %s",
        [olena.phone],
    )
    assert kept == ("SHEVCHENKO" if has_document else "", "Шевченко", "UA" if has_document else "")


def walk_to_the_end(walk: Walk, portal: Portal, *, is_staff_inviting: bool = False) -> None:
    place = portal.place(offset=40)
    walk.start()
    walk.ask_for_pin()
    walk.prove_telephone()
    walk.fill_in_form(place)
    walk.make_a_mistake()
    walk.send_form()
    walk.finish()
    walk.wait_for_turn(is_staff_inviting=is_staff_inviting)
    walk.log_in()
    walk.choose_day(place)
    walk.choose_time()
    walk.check_doses()
    walk.confirm()
    assert_reserved(walk)
    walk.log_out()
    walk.look = no_look  # every page of the walk has been seen
    walk.log_in(arrives_at="/rezervace/hotovo/")
    walk.check_doses()


def change_and_cancel(walk: Walk, portal: Portal, look: Look = no_look, *, is_reminded: bool = False) -> None:
    """Something comes in the way: other times, and then none; or it comes the day before."""
    walk.look = look
    walk.change_times(portal.place(offset=44, site_id=walk.place.site_id))
    assert [slot for _state, slot, _code in walk.living()] == [walk.place.slot_id]
    walk.check_doses()
    if is_reminded:
        walk.answer_reminder()
    else:
        walk.cancel_times()
    assert walk.living() == []


def assert_reserved(walk: Walk) -> None:
    """The page, the paper, the calendar file and the e-mail tell of the same two doses."""
    walk.look(walk.page, "confirmed")
    doses = [dose.astimezone(PRAGUE) for dose in walk.check_doses()]
    ((state, slot_id, check_in_code),) = walk.living()
    assert (state, slot_id) == ("CONFIRMED", walk.place.slot_id)

    months = MONTHS[walk.person.language]
    paper = walk.context.request.get(f"{walk.portal.url}/rezervace/potvrzeni.pdf").body()
    text = text_of_pdf(paper)
    dot = "." if walk.person.language == CZECH else ""
    for dose in doses:
        assert f"{dose.day}{dot} {months[dose.month - 1]} {dose.year}, {dose.hour}:{dose:%M}" in text
    assert walk.place.site_name in text
    assert walk.person.name in text
    assert pdf.codes_of(paper) == [check_in_code]

    with walk.page.expect_download() as download:
        walk.press(walk.page.locator("a[href$='/terminy.ics']"))
    calendar = Calendar.from_ical(download.value.path().read_bytes())
    assert [event.decoded("dtstart") for event in calendar.walk("VEVENT")] == doses

    files = walk.inbox(walk.person.email).attachments(template="reservation/confirmed")
    assert set(files) == {"potvrzeni.pdf", "termin-1-davka.ics", "termin-2-davka.ics"}
    assert pdf.codes_of(files["potvrzeni.pdf"]) == [check_in_code]
    assert f"{doses[1].hour}:{doses[1]:%M}" in walk.inbox().text(template="reservation/confirmed")
