"""The pages of the waiting list: an offered time is answered with one press, and a person joins and leaves."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.desk.additions import sections_of
from registration.mine.next_steps import steps_of
from registration.models import Registration
from registration.number import page_key
from reservation.free_seats import folding
from reservation.models import Reservation, SeatOffer, WaitingListEntry
from reservation.reserving import booking
from reservation.waiting import answering, entries
from tests.factories import NOW, make_invitation, make_registration, make_site
from tests.pages import browser, summary, text_of
from tests.reservation.conftest import PHONE, MakePair, log_in
from tests.reservation.waiting.conftest import offer, wait
from tests.reservation.waiting.test_straight_on import proven

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OFFER, LIST = "/rezervace/nabidka/", "/rezervace/cekaci-listina/"


def link_of(person: Registration) -> str:
    """The link of the newest SMS to the person."""
    sms = Message.objects.filter(recipient=str(person.phone), template="reservation/seat_offer", channel="SMS")
    found = re.search(r"/o/\w+/", sms.latest("pk").text)
    assert found
    return found[0]


def follow(person: Registration) -> Client:
    """A browser that followed the newest link."""
    client = browser()
    assert client.get(link_of(person)).headers["Location"] == OFFER
    return client


def press(client: Client, answer: str) -> Any:
    return client.post(OFFER, {"answer": answer})


def test_the_link_shows_the_times_and_only_a_press_takes_them(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    person = wait(site)
    offer()
    client = follow(person)
    page = client.get(OFFER)
    client.head(OFFER)
    assert Reservation.objects.get().state == "HELD"
    for words in ("Please answer by 12 January 2027, 9:00.", "14 January 2027, 9:00", "4 February 2027", "Motol"):
        assert words in text_of(page)
    press(client, "accept")
    press(client, "accept")
    assert Reservation.objects.get().state == "CONFIRMED"
    assert Message.objects.filter(template="reservation/confirmed", channel="SMS").count() == 1
    assert "Your vaccination is reserved" in text_of(client.get(OFFER))
    # Nothing else of the person is opened by the link.
    assert client.get("/rezervace/hotovo/").headers["Location"] == "/rezervace/"


def test_who_does_not_want_it_stays_on_the_list_or_leaves_it(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    first, second = wait(site), wait(site)
    offer()
    client = follow(first)
    page = client.post(OFFER, {"answer": "decline"}, follow=True)
    assert "You are still on the waiting list." in text_of(page)
    # Too late, in another tab: said kindly, and nothing happens.
    assert "This time is not kept for you any more." in text_of(press(client, "accept"))
    offer()
    client = follow(second)
    page = client.post(OFFER, {"answer": "leave"}, follow=True)
    assert "You are not on the waiting list any more." in text_of(page)
    assert "PIN2 will come by SMS" in text_of(page)
    assert (entries.standing(first.pk) is None, entries.standing(second.pk) is None) == (False, True)
    assert {one.state for one in Reservation.objects.all()} == {"CANCELLED"}


def test_the_link_of_an_earlier_offer_neither_ends_a_later_one_nor_lasts(
    site: VaccinationSite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    make_pair(day=6)
    make_pair(day=7)
    person = wait(site)
    offer()
    old = link_of(person)
    press(follow(person), "decline")
    later = NOW + timedelta(hours=25)
    clock.move_to(later)
    assert offer(later) == 1
    client = browser()
    client.get(old)
    assert "This time is not kept for you any more." in text_of(press(client, "leave"))
    assert entries.standing(person.pk) is not None
    assert entries.open_offer(person.pk) is not None
    clock.move_to(NOW + timedelta(days=2))
    assert browser().get(old).headers["Location"] == "/rezervace/"


def test_who_came_by_the_telephone_before_the_offer_reaches_it(
    site: VaccinationSite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    person = wait(site)
    make_invitation(person, issued_at=NOW - timedelta(days=20), expires_at=NOW - timedelta(days=1))
    client = proven(str(person.phone))
    client.post("/rezervace/pin2/", {"whose": page_key(person.number), "act": "enter"})
    assert client.session["invitation_id"] == 0
    make_pair(day=9)
    other, _ = make_pair(day=10)
    offer()
    assert "Look at the offered time" in text_of(client.get(LIST))
    assert "We keep these times for you until" in text_of(client.get("/rezervace/potvrdit/"))
    assert client.post("/rezervace/drzet/", {"slot": other.pk}).headers["Location"] == "/rezervace/potvrdit/"


def test_choosing_another_time_keeps_the_offered_one_until_then(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    other, _ = make_pair(day=4)
    person = wait(site)
    offer()
    client = follow(person)
    assert press(client, "another").headers["Location"] == "/rezervace/misto/"
    page = text_of(client.get("/rezervace/misto/"))
    assert "We keep the time that we offered you until 12 January 2027, 9:00." in page
    page = text_of(client.get("/rezervace/potvrdit/"))
    assert "We keep these times for you until 12 January 2027, 9:00." in page
    assert "Time left" not in page
    client.post("/rezervace/drzet/", {"slot": other.pk})
    assert "We are keeping these dates for you until 9:10" in text_of(client.get("/rezervace/potvrdit/"))
    assert "This time is not kept for you any more." in text_of(press(client, "decline"))
    answering.settle(now=NOW)
    assert SeatOffer.objects.get().answer == "CHANGED"


def test_nobody_reads_of_an_offer_that_ran_out_that_it_is_kept(
    english: Client, site: VaccinationSite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    make_pair(day=3)
    person = wait(site, phone=PHONE)
    make_invitation(person)
    offer()
    kept = re.compile("We (are )?keep(ing)? |Please answer by")

    def told() -> dict[str, str]:
        """What the person reads of it, who has come in anew: the sessions end before the offer does."""
        cache.clear()
        log_in(english)
        texts = {page: text_of(english.get(page)) for page in (LIST, "/rezervace/misto/", "/rezervace/potvrdit/")}
        with translation.override("en"):
            texts["my page"] = " ".join(step.text for step in steps_of(person, now=timezone.now()))
        return texts | {OFFER: text_of(follow(person).get(OFFER))}

    for page, text in told().items():
        assert kept.search(text), page
    # The sweep has not come yet: the seats are the person's own, and the pages say that they can still be had.
    clock.move_to(SeatOffer.objects.get().answer_by)
    late = told()
    for page, text in late.items():
        assert text, page
        assert not kept.search(text), page
    for page in (OFFER, "/rezervace/potvrdit/"):
        assert "Nobody has taken them yet: you can still confirm them." in late[page]
    press(follow(person), "accept")
    assert Reservation.objects.get().state == "CONFIRMED"


def test_after_the_sweep_an_offer_that_ran_out_is_gone_and_its_person_waits_on(
    site: VaccinationSite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    make_pair(day=3)
    person = wait(site)
    offer()
    clock.move_to(SeatOffer.objects.get().answer_by)
    booking.release_expired(now=timezone.now())
    client = follow(person)
    for page in (client.get(OFFER), press(client, "accept")):
        assert "This time is not kept for you any more." in text_of(page)
        assert "You are still on the waiting list." in text_of(page)
        assert "I want this time" not in text_of(page)
    assert Reservation.objects.get().state == "EXPIRED"


def test_another_persons_link_opens_nothing(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    person = wait(site)
    offer()
    client = follow(person)

    other = wait(site)
    WaitingListEntry.objects.filter(registration=person).update(left_at=NOW)
    SeatOffer.objects.update(entry=WaitingListEntry.objects.get(registration=other))
    assert client.get(OFFER).status_code == 404
    assert browser().get(OFFER).headers["Location"] == "/rezervace/"


def test_who_finds_nothing_says_which_sites_suit_and_joins(
    english: Client, site: VaccinationSite, make_pair: MakePair
) -> None:
    person = make_registration(phone=PHONE)
    make_invitation(person)
    folding.fold(now=NOW)
    log_in(english)
    assert "Go to the waiting list" in text_of(english.get("/rezervace/misto/"))
    assert "Put me on the waiting list" in text_of(english.get(LIST))
    # A press without a site says what is missing; the narrowing of the list acts nothing.
    empty = english.post(LIST, {"region": "", "district": ""})
    assert "to which you can come: first its region, then its district." in summary(empty)
    assert "(optional)" not in text_of(empty)
    assert "Tick the vaccination site" in summary(english.post(LIST, {"region": "CZ010", "district": "CZ0100"}))
    where = {"region": "CZ010", "district": "CZ0100"}
    page = english.post(LIST, {**where, "choose": "district"})
    assert "Nemocnice Motol" in text_of(page)
    assert not WaitingListEntry.objects.exists()
    page = english.post(LIST, {**where, "sites": [str(site.pk)]}, follow=True)
    assert "You have been on the waiting list since 11 January 2027." in text_of(page)
    assert list(person.preferred_sites.all()) == [site]
    # 'I also accept these sites'
    far = make_site("Nemocnice Tábor", "CZ0317")
    english.post(LIST, {**where, "sites": [str(site.pk), str(far.pk)]})
    assert set(person.preferred_sites.all()) == {site, far}
    assert WaitingListEntry.objects.count() == 1
    make_pair(day=3)
    offer()
    assert "We keep a time for you until 12 January 2027, 9:00." in text_of(english.get(LIST))
    page = english.post(LIST, {"leave": "1"}, follow=True)
    assert "You are not on the waiting list any more." in text_of(page)
    assert Reservation.objects.get().state == "CANCELLED"


@translation.override("en")
def test_my_page_and_the_desk_tell_of_the_offer(site: VaccinationSite, make_pair: MakePair) -> None:
    make_pair(day=3)
    person = wait(site)
    assert ("On the waiting list since 11. 1. 2027 9:00",) in [one.lines for one in sections_of(person)]
    offer()
    cache.clear()
    (step,) = steps_of(person, now=NOW)
    assert "Please answer by" in step.text
    assert reverse(step.address)
    lines = [line for one in sections_of(person) for line in one.lines]
    assert any(
        line.startswith("Offered time 14. 1. 2027 9:00, Nemocnice Motol: the person answers by") for line in lines
    )
    answering.decline(offer=SeatOffer.objects.get(), now=NOW)
    lines = [line for one in sections_of(person) for line in one.lines]
    assert "Offered time 14. 1. 2027 9:00, Nemocnice Motol: declined" in lines
