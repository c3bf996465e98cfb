"""From PIN2 to two reserved doses, through the pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from captcha.models import CaptchaStore
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from crs import slow_work
from crs.captcha.challenges import Answer, use_up
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import booking
from reservation.models import Invitation, Reservation, Slot
from tests.reservation.conftest import LOG_IN, NOW, PHONE, Page, answer_to, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

Make = Callable[..., Slot]
MakePair = Callable[..., tuple[Slot, Slot]]
Invite = Callable[..., Invitation]

SITE = "/rezervace/misto/"
HOLD = "/rezervace/drzet/"
CONFIRM = "/rezervace/potvrdit/"
CONFIRMED = "/rezervace/hotovo/"
PDF = "/rezervace/potvrzeni.pdf"
ICS = "/rezervace/terminy.ics"
QUERIES = 12


@pytest.fixture
def inside(english: Client, marie: Invitation) -> Client:
    """Marie's browser after logging in."""
    assert log_in(english).status_code == 302
    return english


def hold(client: Client, slot: Slot) -> Page:
    return client.post(HOLD, {"slot": slot.pk})


def answered(page: Page, **changes: Any) -> dict[str, Any]:
    """What the browser sends from the page of step 7 when the captcha is solved."""
    text = page.content.decode()
    key = re.search(r'name="captcha_0" value="(\w+)"', text)
    reservation = re.search(r'name="reservation" value="([0-9a-f-]+)"', text)
    form_key = re.search(r'name="form_key" value="([0-9a-f-]+)"', text)
    assert key
    assert form_key
    assert reservation
    answer = answer_to(CaptchaStore.objects.get(hashkey=key[1]).response)
    shown = {"captcha_shown": "picture", "captcha_0": key[1], "captcha_1": answer, "reservation": reservation[1]}
    return {**shown, "form_key": form_key[1], **changes}


def confirm(client: Client) -> Page:
    return client.post(CONFIRM, answered(client.get(CONFIRM)))


def living(invitation: Invitation) -> Reservation:
    return Reservation.objects.living().get(registration=invitation.registration_id)


# --- the walk ---------------------------------------------------------------------------------


def test_from_pin2_to_two_reserved_doses(english: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, second = make_pair(capacity=3)
    assert log_in(english).headers["Location"] == SITE
    sites = english.get(SITE)
    assert "Nemocnice Motol" in text_of(sites)
    assert "3 free places" in text_of(sites)
    day_url = reverse("reservation:day", args=[first.site_id])
    assert day_url in sites.content.decode()
    days = english.get(day_url)
    time_url = reverse("reservation:time", args=[first.site_id, first.starts_at.date()])
    assert days.content.decode().count(f'href="{time_url}"') == 2  # in the list and in the calendar
    assert "Tuesday 12 January, 3 free places" in days.content.decode()
    times = english.get(time_url)
    assert f'name="slot" value="{first.pk}"' in times.content.decode()
    assert hold(english, first).headers["Location"] == CONFIRM
    page = english.get(CONFIRM)
    assert "Tuesday 12 January 2027, 9:00" in text_of(page)
    assert "Tuesday 2 February 2027, 9:00" in text_of(page)
    assert "exactly 21 days after the first" in text_of(page)
    assert "until 9:10" in text_of(page)
    assert english.post(CONFIRM, answered(page)).headers["Location"] == CONFIRMED
    done = english.get(CONFIRMED)
    assert marie.registration.number in text_of(done).replace(" ", "")
    assert "Tuesday 2 February 2027, 9:00" in text_of(done)
    assert living(marie).state == Reservation.State.CONFIRMED
    assert Slot.objects.get(pk=second.pk).booked == 1


def test_coming_back_with_pin2_shows_the_reservation(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    inside.post("/rezervace/odhlasit/")
    assert log_in(inside).headers["Location"] == CONFIRMED
    assert marie.registration.number in text_of(inside.get(CONFIRMED)).replace(" ", "")


def test_coming_back_after_pin2_ran_out_still_shows_the_reservation(
    inside: Client, clock: time_machine.Traveller, make_pair: MakePair
) -> None:
    hold(inside, make_pair(day=20)[0])
    confirm(inside)
    clock.shift(timedelta(days=15))
    cache.clear()
    assert log_in(inside).headers["Location"] == CONFIRMED
    assert inside.get(CONFIRMED).status_code == 200


def test_who_holds_a_time_is_led_to_confirm_it(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    inside.post("/rezervace/odhlasit/")
    assert log_in(inside).headers["Location"] == CONFIRM


@pytest.mark.parametrize("page", [SITE, CONFIRM])
def test_who_has_a_reservation_does_not_choose_again(inside: Client, make_pair: MakePair, page: str) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    assert inside.get(page).headers["Location"] == CONFIRMED


def test_who_has_a_reservation_cannot_hold_another(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    other, _ = make_pair(day=2)
    assert hold(inside, other).headers["Location"] == CONFIRMED
    assert Slot.objects.get(pk=other.pk).booked == 0


# --- logging in -------------------------------------------------------------------------------


def test_a_wrong_pin2_and_an_unknown_number_get_the_same_answer(english: Client, marie: Invitation) -> None:
    wrong = log_in(english, pin2="87654321")
    unknown = log_in(english, phone="602 234 567", pin2="87654321")
    assert wrong.status_code == unknown.status_code == 200
    assert "do not belong together. You have 4 more tries before we also ask you a check question." in text_of(wrong)
    assert text_of(wrong) == text_of(unknown)


@pytest.mark.parametrize(
    ("pin2", "says"),
    [
        ("", "Fill in PIN2"),
        ("123456", "This is the first PIN, with six digits"),
        ("12 34", "PIN2 has eight digits"),
        ("abcd efgh", "PIN2 has eight digits"),
    ],
)
def test_what_is_not_a_pin2_is_explained_and_nothing_typed_is_lost(
    english: Client, marie: Invitation, pin2: str, says: str
) -> None:
    page = log_in(english, pin2=pin2)
    assert says in text_of(page)
    assert 'value="601 234 567"' in page.content.decode()


@pytest.mark.parametrize("phone", ["", "letters", "123"])
def test_what_is_not_a_telephone_is_refused(english: Client, phone: str) -> None:
    page = log_in(english, phone=phone)
    assert page.status_code == 200
    assert 'href="#id_phone"' in page.content.decode()


def test_logging_in_is_limited_per_address(english: Client, settings: Any) -> None:
    settings.LOGINS_PER_ADDRESS = "2/h"
    assert [log_in(english, phone=f"60{n} 234 567").status_code for n in (2, 3, 4)] == [200, 200, 429]


def test_the_session_gets_a_new_key_at_log_in(english: Client, marie: Invitation) -> None:
    english.get(SITE)
    before = english.session.session_key
    log_in(english)
    assert english.session.session_key != before
    assert dict(english.session.items()).keys() >= {"invitation_id", "registration_id"}


def test_logging_out_ends_everything(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    assert inside.post("/rezervace/odhlasit/").status_code == 302
    assert inside.get(PDF).headers["Location"] == LOG_IN
    assert inside.get("/rezervace/odhlasit/").status_code == 405


def test_who_is_logged_in_goes_on(inside: Client) -> None:
    assert inside.get(LOG_IN).headers["Location"] == SITE


# --- outsiders --------------------------------------------------------------------------------


def test_nothing_is_shown_without_logging_in(english: Client, make_pair: MakePair) -> None:
    first, _ = make_pair()
    day = reverse("reservation:day", args=[first.site_id])
    for page in (SITE, day, f"{day}2027-01-12/", CONFIRM, CONFIRMED, PDF, ICS):
        assert english.get(page).headers["Location"] == LOG_IN
    for page in (HOLD, CONFIRM):
        assert english.post(page, {"slot": first.pk, "reservation": str(uuid4())}).headers["Location"] == LOG_IN
    assert Slot.objects.get(pk=first.pk).booked == 0


def held_by_somebody_else(make_invitation: Invite, slot: Slot) -> UUID:
    return booking.hold(invitation_id=make_invitation().pk, slot_id=slot.pk, now=NOW).reservation_id


def test_somebody_elses_hold_cannot_be_confirmed(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    theirs = held_by_somebody_else(make_invitation, make_pair()[0])
    hold(inside, make_pair(day=2)[0])
    form = answered(inside.get(CONFIRM))
    assert inside.post(CONFIRM, {**form, "reservation": str(theirs)}).headers["Location"] == CONFIRM
    booking.release(reservation_id=living(marie).pk, registration_id=marie.registration_id)
    assert inside.post(CONFIRM, {**form, "reservation": str(theirs)}).headers["Location"] == SITE
    assert Reservation.objects.get(pk=theirs).state == Reservation.State.HELD
    assert not Message.objects.exists()


def test_somebody_elses_reservation_is_neither_seen_nor_downloaded(
    inside: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    other = make_invitation()
    theirs = booking.hold(invitation_id=other.pk, slot_id=make_pair()[0].pk, now=NOW)
    booking.confirm(reservation_id=theirs.reservation_id, registration_id=other.registration_id, now=NOW)
    assert inside.get(CONFIRMED).headers["Location"] == SITE
    assert inside.get(PDF).status_code == inside.get(ICS).status_code == 404


def test_a_revoked_pin2_ends_the_session(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    Invitation.objects.update(revoked_at=NOW)
    assert inside.get(SITE).headers["Location"] == LOG_IN
    assert inside.get(SITE).headers["Location"] == LOG_IN
    assert hold(inside, first).headers["Location"] == LOG_IN
    assert Slot.objects.get(pk=first.pk).booked == 0


@pytest.mark.parametrize("page", [SITE, CONFIRM, CONFIRMED, PDF, LOG_IN])
def test_nothing_personal_is_kept_by_the_browser(inside: Client, make_pair: MakePair, page: str) -> None:
    hold(inside, make_pair()[0])
    if page != PDF:
        assert "no-store" in inside.get(page).headers["Cache-Control"]
    confirm(inside)
    assert "no-store" in inside.get(page).headers["Cache-Control"]


def test_while_others_wait_for_theirs_a_paper_is_refused_kindly(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    with slow_work.places, slow_work.places, slow_work.places:
        refused = inside.get(PDF)
        assert inside.get(CONFIRMED).status_code == 200
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "3")
    assert "we send the paper there too" in text_of(refused)
    assert inside.get(PDF).content.startswith(b"%PDF")


# --- a session that ends in the middle ----------------------------------------------------------


def test_after_logging_in_again_the_person_is_where_they_were(english: Client, marie: Invitation) -> None:
    wanted = f"{SITE}?kraj=CZ010"
    assert english.get(wanted).headers["Location"] == LOG_IN
    assert log_in(english).headers["Location"] == wanted


def test_the_time_chosen_when_the_session_ended_is_held_after_logging_in(
    inside: Client, marie: Invitation, make_pair: MakePair
) -> None:
    first, _ = make_pair()
    Session.objects.all().delete()
    assert hold(inside, first).headers["Location"] == LOG_IN
    assert log_in(inside).headers["Location"] == CONFIRM
    assert living(marie).appointments.get(dose_number=1).slot_id == first.pk


def test_the_time_that_went_while_logging_in_again_is_answered_kindly(
    inside: Client, make_invitation: Invite, make_pair: MakePair
) -> None:
    first, _ = make_pair()
    Session.objects.all().delete()
    hold(inside, first)
    held_by_somebody_else(make_invitation, first)
    page = log_in(inside)
    assert page.status_code == 409
    assert "Somebody else has just taken this time" in text_of(page)


# --- times that are gone ------------------------------------------------------------------------


def test_the_loser_of_a_race_sees_the_next_free_times(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    lost, _ = make_pair()
    near, _ = make_pair(clock="09:15")
    held_by_somebody_else(make_invitation, lost)
    page = hold(inside, lost)
    assert page.status_code == 409
    assert "Somebody else has just taken this time" in text_of(page)
    assert f'name="slot" value="{near.pk}"' in page.content.decode()
    assert hold(inside, near).headers["Location"] == CONFIRM


def test_a_refused_time_leaves_the_older_hold(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    own, _ = make_pair()
    lost, _ = make_pair(day=2)
    hold(inside, own)
    held_by_somebody_else(make_invitation, lost)
    page = hold(inside, lost)
    assert CONFIRM in page.content.decode()
    assert living(marie).appointments.get(dose_number=1).slot_id == own.pk


def test_a_time_in_the_past_is_refused(inside: Client, make_pair: MakePair) -> None:
    past, _ = make_pair(day=0, clock="08:45")
    page = hold(inside, past)
    assert page.status_code == 409
    assert "This time has already passed" in text_of(page)


def test_a_time_without_a_second_dose_is_refused(inside: Client, make_slot: Make) -> None:
    page = hold(inside, make_slot())
    assert page.status_code == 409
    assert "There is no second dose after this time" in text_of(page)


def test_a_time_that_does_not_exist_leads_to_the_sites(inside: Client) -> None:
    assert inside.post(HOLD, {"slot": 987654321}).headers["Location"] == SITE


@pytest.mark.parametrize("slot", ["", "0", "-1", "abc", "9" * 40, "1; DROP TABLE"])
def test_a_slot_that_nobody_offered_leads_to_the_sites(inside: Client, slot: str) -> None:
    assert inside.post(HOLD, {"slot": slot}).headers["Location"] == SITE


def test_a_hold_that_ran_out_is_answered_with_other_times(
    inside: Client, make_invitation: Invite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    lost, _ = make_pair()
    near, _ = make_pair(clock="09:15")
    hold(inside, lost)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=11))
    booking.release_expired(now=NOW + timedelta(minutes=11))
    held_by_somebody_else(make_invitation, lost)
    for page in (inside.post(CONFIRM, form), inside.get(CONFIRM)):
        assert page.status_code == 409
        assert "The time we kept for you has run out" in text_of(page)
        assert f'name="slot" value="{near.pk}"' in page.content.decode()


def test_who_is_slow_may_confirm_while_nobody_took_the_place(
    inside: Client, marie: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=11))
    assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    assert living(marie).state == Reservation.State.CONFIRMED


# --- double clicks, the back button, two tabs ---------------------------------------------------


def test_a_double_click_on_a_time_holds_once(inside: Client, make_pair: MakePair) -> None:
    first, _ = make_pair(capacity=5)
    assert [hold(inside, first).headers["Location"] for _ in range(2)] == [CONFIRM, CONFIRM]
    assert Slot.objects.get(pk=first.pk).booked == 1


def test_a_double_click_on_confirm_ends_on_the_confirmation(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    assert [inside.post(CONFIRM, form).headers["Location"] for _ in range(2)] == [CONFIRMED, CONFIRMED]
    assert Message.objects.filter(channel="SMS", template="reservation/confirmed").count() == 1


def test_two_tabs_confirm_only_what_they_show(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    other, _ = make_pair(day=2)
    hold(inside, first)
    form_of_first_tab = answered(inside.get(CONFIRM))
    hold(inside, other)
    answer = inside.post(CONFIRM, form_of_first_tab, follow=True)
    assert answer.redirect_chain == [(CONFIRM, 302)]
    assert "You chose another time in the meantime" in text_of(answer)
    assert "Wednesday 13 January 2027" in text_of(answer)
    assert living(marie).state == Reservation.State.HELD


def test_back_and_another_time_replaces_the_hold(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    other, _ = make_pair(clock="10:00")
    hold(inside, first)
    hold(inside, other)
    assert living(marie).appointments.get(dose_number=1).slot_id == other.pk
    assert Slot.objects.get(pk=first.pk).booked == 0


def test_the_address_of_holding_opened_by_hand_leads_to_the_sites(inside: Client) -> None:
    assert inside.get(HOLD).headers["Location"] == SITE


# --- the captcha of step 7 ----------------------------------------------------------------------


def test_a_wrong_captcha_keeps_the_hold_and_asks_anew(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM), captcha_1="WRONG")
    page = inside.post(CONFIRM, form)
    assert page.status_code == 200
    assert living(marie).state == Reservation.State.HELD
    assert inside.post(CONFIRM, answered(page)).headers["Location"] == CONFIRMED


def test_an_answer_to_the_captcha_confirms_one_reservation_only(
    inside: Client, marie: Invitation, make_pair: MakePair
) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    assert use_up(Answer(form["captcha_0"], form["captcha_1"]))
    assert inside.post(CONFIRM, form).status_code == 200
    assert living(marie).state == Reservation.State.HELD


def test_the_captcha_switches_to_a_question_in_words(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM), captcha_kind="words")
    page = inside.post(CONFIRM, form)
    assert page.status_code == 200
    assert 'name="captcha_shown" value="words"' in page.content.decode()
    assert living(marie).state == Reservation.State.HELD
    answer = inside.post(CONFIRM, answered(page, captcha_shown="words"))
    assert answer.headers["Location"] == CONFIRMED


# --- what the pages say -------------------------------------------------------------------------


def test_the_page_says_why_the_second_dose_is_at_another_time(inside: Client, make_slot: Make) -> None:
    first = make_slot()
    make_slot(22, "11:30", "SECOND")
    hold(inside, first)
    assert "21 days after the first, as it should be, but at another time" in text_of(inside.get(CONFIRM))


def test_the_page_says_why_the_second_dose_is_on_another_day(inside: Client, make_slot: Make) -> None:
    first = make_slot()
    make_slot(25, "09:00", "SECOND")
    hold(inside, first)
    page = text_of(inside.get(CONFIRM))
    assert "24 days after the first: 21 days after it nothing is free" in page
    assert "21 to 42 days" in page


def test_sites_come_preferred_first_then_free_then_full(
    english: Client,
    make_site: Callable[..., VaccinationSite],
    make_pair: MakePair,
    make_slot: Make,
    make_registration: Callable[..., Registration],
    make_invitation: Invite,
) -> None:
    make_site("A full")
    near = make_site("B free")
    wished = make_site("C wished")
    for site, day in ((near, 1), (wished, 3)):
        make_slot(day, site=site)
        make_slot(day + 21, doses="SECOND", site=site)
    make_invitation(make_registration(phone=PHONE, sites=(wished,)))
    log_in(english)
    page = english.get(SITE)
    text = text_of(page)
    assert text.index("C wished") < text.index("B free") < text.index("A full") < text.index("No free place now")
    assert "You chose this site when you registered" in text
    assert reverse("reservation:day", args=[near.pk]) in page.content.decode()


def test_sites_are_filtered_by_region_and_district(
    inside: Client, make_site: Callable[..., VaccinationSite], make_pair: MakePair
) -> None:
    make_pair()
    make_site("Brno", region="CZ064")
    assert "Brno" not in text_of(inside.get(f"{SITE}?kraj=CZ010"))
    assert "Nemocnice Motol" not in text_of(inside.get(f"{SITE}?okres=CZ0640"))
    for odd in ("?kraj=nonsense", "?okres=%00", "?kraj=CZ010&okres=CZ0640", "?strana=99", "?strana=x"):
        assert "Nemocnice Motol" in text_of(inside.get(SITE + odd))


def test_when_nothing_is_free_the_page_says_what_happens_next(
    inside: Client, make_site: Callable[..., VaccinationSite]
) -> None:
    site = make_site()
    assert "All places at all sites are taken" in text_of(inside.get(SITE))
    assert "Show sites in all regions" in text_of(inside.get(f"{SITE}?kraj=CZ010"))
    assert "There is no free day at this site" in text_of(inside.get(reverse("reservation:day", args=[site.pk])))


def test_a_day_without_times_says_so(inside: Client, site: VaccinationSite) -> None:
    page = inside.get(f"{SITE}{site.pk}/2027-01-12/")
    assert "There is no free time left on this day" in text_of(page)


def test_a_closed_or_unknown_site_does_not_exist(inside: Client, make_site: Callable[..., VaccinationSite]) -> None:
    closed = make_site(state="CLOSED")
    for key in (closed.pk, uuid4()):
        assert inside.get(f"{SITE}{key}/").status_code == 404
        assert inside.get(f"{SITE}{key}/2027-01-12/").status_code == 404
    assert inside.get(f"{SITE}{closed.pk}/2027-13-99/").status_code == 404


@pytest.mark.parametrize(
    "month", ["", "2027-02", "1999-01", "9999-12", "2027-00", "x", "2027-01-01", "²-³", "9" * 30 + "-01"]
)
def test_any_month_in_the_address_shows_a_calendar(inside: Client, make_pair: MakePair, month: str) -> None:
    first, _ = make_pair()
    page = inside.get(reverse("reservation:day", args=[first.site_id]), {"mesic": month})
    assert page.status_code == 200
    assert "<caption>" in page.content.decode()


def test_pages_speak_the_chosen_language(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    inside.cookies[settings.LANGUAGE_COOKIE_NAME] = "cs"
    page = inside.get(CONFIRM)
    assert 'lang="cs"' in page.content.decode()
    assert "úterý 12. ledna 2027, 9:00" in text_of(page)


# --- queries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 30])
def test_no_page_asks_more_with_more_data(
    inside: Client,
    marie: Invitation,
    number: int,
    make_site: Callable[..., VaccinationSite],
    make_slot: Make,
    django_assert_max_num_queries: Any,
) -> None:
    sites = [make_site(f"Site {n}") for n in range(number)]
    marie.registration.preferred_sites.set(sites)
    for n, site in enumerate(sites):
        for doses, day in (("FIRST", 1), ("SECOND", 22)):
            make_slot(day, f"{8 + n // 4:02}:{n % 4 * 15:02}", doses, site=sites[0])
            if n:
                make_slot(day + 1, "09:00", doses, site=site)
    calendar = reverse("reservation:day", args=[sites[0].pk])
    for address in (SITE, calendar, f"{calendar}2027-01-12/"):
        with django_assert_max_num_queries(QUERIES):
            assert inside.get(address).status_code == 200
    with django_assert_max_num_queries(5):  # the session, the call with its transaction, the way on
        hold(inside, Slot.objects.order_by("pk")[0])
    with django_assert_max_num_queries(QUERIES):
        page = inside.get(CONFIRM)
    form = answered(page)
    with django_assert_max_num_queries(18):  # a write with its history and its messages
        assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    for last in (CONFIRMED, PDF, ICS):
        with django_assert_max_num_queries(QUERIES):
            assert inside.get(last).status_code == 200
