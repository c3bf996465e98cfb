"""The pages: a site calls, people agree and answer, line 1221 writes down; and the whole way once as a story."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.mine import entries
from registration.models import PersonLook, PhoneVerification
from registration.telephones.session import PROVEN, VERIFICATION
from reservation.models import Invitation, Substitute, SubstituteOffer
from reservation.substitutes import agreeing, answering
from tests import factories, pages
from tests.factories import NOW
from tests.pages import Page, send_form, text_of
from tests.registration.applying.test_deciding import make_claim
from tests.reservation.conftest import log_in
from tests.reservation.substitutes.conftest import Agree, Call

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def browser(nurse: User) -> Client:
    return pages.log_in(pages.browser(), nurse)


@pytest.fixture
def address(site: VaccinationSite) -> str:
    return f"/personal/kalendar/{site.pk}/nahradnici/"


def link_to(person: Any) -> str:
    """The way from the last SMS to the page of its call."""
    sms = Message.objects.filter(template="reservation/substitute_offer", recipient=str(person.phone)).latest("pk")
    found = re.search(r"/o/[A-Z0-9]+/", str(sms.text))
    assert found
    return found.group()


def opened(client: Client, link: str) -> Page:
    """The page to which a link leads."""
    led: Page = client.get(link)
    return client.get(led.url)


def test_from_the_button_of_the_site_to_the_answers_of_people(
    browser: Client, address: str, site: VaccinationSite, make_substitute: Agree, clock: time_machine.Traveller
) -> None:
    near, slow = make_substitute(), make_substitute(email="slow@example.cz")
    third = make_substitute(phone="", landline="+420381234567")
    assert "3 people agreed to be called to this site." in text_of(browser.get(address))
    refused = send_form(browser, address, vaccine="comirnaty", doses="0", minutes="4")
    assert "Write a whole number from 15 to 180." in text_of(refused)
    started: Page = browser.post(address, {"vaccine": "comirnaty", "doses": "2", "minutes": "45 min"})
    shown = text_of(browser.get(started.url))
    assert "3 people were asked." in shown
    assert "Nobody comes yet for 2 doses." in shown
    assert "381 234 567" in shown
    assert PersonLook.objects.filter(page="reservation:substitute_call").count() == 3

    # A mail scanner follows the link: nothing happens by it.
    citizen = pages.browser()
    asked = opened(citizen, link_to(near))
    assert "by 9:45" in text_of(asked)
    assert near.person.last_name not in text_of(asked)  # whoever has the link learns no name
    assert SubstituteOffer.objects.filter(answer="").count() == 3
    page = "/rezervace/nahradnik/vyzva/"
    came = citizen.post(page, {"answer": "comes", "form_key": pages.form_key(asked)}, follow=True)
    assert "We expect you today" in text_of(came)
    called = SubstituteOffer.objects.get(registration=third)
    send_form(browser, f"{started.url}odpoved/{called.pk}/", answer="comes")
    called.refresh_from_db()
    assert (called.answer, called.answered_with) == ("COMES", User.objects.get(username__startswith="vaccinator"))
    late = pages.browser()
    assert "The doses are taken" in text_of(opened(late, link_to(slow)))
    assert "Others answered before you" in text_of(late.post(page, {"answer": "comes"}, follow=True))
    assert SubstituteOffer.objects.get(registration=slow).answer == "TOO_LATE"
    assert "Somebody comes for each dose." in text_of(browser.get(f"{started.url}?cast=seznam"))

    citizen.post(page, {"answer": "cannot"})
    assert "Nobody comes yet for 1 dose." in text_of(browser.get(started.url))
    browser.post(f"{started.url}konec/")
    assert "This call has ended." in text_of(browser.get(started.url))
    clock.shift(timedelta(hours=13))
    assert "does not work any more" in text_of(citizen.get(link_to(near), follow=True))


def test_what_a_site_cannot_do_now_is_said_at_the_form(browser: Client, address: str, site: VaccinationSite) -> None:
    store = factories.make_store(site=site)
    assert "no usable dose, so nobody can be called" in text_of(browser.get(address))
    factories.put(store, factories.make_vials(), 1)
    assert "Comirnaty (6 doses here)" in text_of(browser.get(address))
    refused = send_form(browser, address, vaccine="comirnaty", doses="7", minutes="30")
    assert "only 6 usable doses" in text_of(refused)
    assert 'value="7"' in refused.content.decode()


def test_an_answer_at_the_telephone_that_comes_too_late_tells_staff_what_to_say(
    browser: Client, address: str, make_substitute: Agree, call: Call
) -> None:
    first, second = make_substitute(), make_substitute()
    made = call(doses=1)
    answering.accept(offer_id=SubstituteOffer.objects.get(registration=first).pk, now=NOW)
    offer = SubstituteOffer.objects.get(registration=second)
    told = browser.post(f"{address}{made.pk}/odpoved/{offer.pk}/", {"answer": "comes"}, follow=True)
    assert "Tell the person not to come." in text_of(told)


def test_a_call_of_another_site_and_an_offer_of_another_person_are_not_found(
    browser: Client, address: str, make_substitute: Agree, call: Call, nurse: User
) -> None:
    person, other = make_substitute(), make_substitute()
    elsewhere = factories.make_site("Jinde")
    theirs = call(site=elsewhere)
    mine = call()
    assert browser.get(f"{address}{theirs.pk}/").status_code == 404
    assert browser.post(f"{address}{theirs.pk}/konec/").status_code == 404
    offer = SubstituteOffer.objects.get(registration=other)
    stranger = factories.make_staff(Role.VACCINATOR, site=elsewhere)
    assert pages.log_in(pages.browser(), stranger).get(f"{address}{mine.pk}/").status_code == 404
    citizen = pages.browser()
    citizen.get(link_to(person))
    session = citizen.session
    link = person.personal_links.get()
    assert session["reservation_link"] == link.pk
    person.personal_links.update(about=str(offer.pk))
    assert citizen.get("/rezervace/nahradnik/vyzva/").status_code == 404
    assert "log in with PIN2" in text_of(pages.browser().get("/rezervace/nahradnik/vyzva/", follow=True))


def _agree(client: Client, page: str, *sites: VaccinationSite, minutes: str = "30") -> Any:
    return client.post(page, {"sites": [str(site.pk) for site in sites], "minutes": minutes}, follow=True)


def _browser_of(phone: str) -> Client:
    """A browser that has proved a telephone."""
    client = pages.browser()
    proof = PhoneVerification.objects.create(phone=phone, created_at=NOW, asked_at=NOW, verified_at=NOW)
    session = client.session
    session[VERIFICATION] = session[PROVEN] = str(proof.pk)
    session.save()
    return client


def test_whoever_has_pin2_agrees_and_takes_it_back(english: Client, marie: Invitation, site: VaccinationSite) -> None:
    log_in(english)
    page = "/rezervace/nahradnik/"
    marie.registration.preferred_sites.add(site)
    assert f'value="{site.pk}"' in english.get(page).content.decode()
    assert "Tick the vaccination site to which you can come." in text_of(english.post(page, {"region": "CZ010"}))
    empty = english.post(page, {"region": "CZ031"})  # of several districts: no site is shown yet
    assert "Choose the vaccination site to which you can come: first its region" in text_of(empty)
    assert "within 30 minutes" in text_of(empty)
    assert "Choose how soon you can be there." in text_of(empty)
    chosen = english.post(page, {"choose": "district", "district": "CZ0100", "region": "CZ010", "minutes": "45"})
    assert 'value="45" checked' in re.sub(r" id=\"[^\"]*\"| class=\"[^\"]*\"| required", "", chosen.content.decode())
    assert "within 30 minutes" in text_of(_agree(english, page, site))
    assert [one.minutes for one in agreeing.agreed_by(marie.registration)] == [30]
    for nonsense in ("x", str(marie.pk)):
        english.post(page, {"withdraw": nonsense})
    assert "Nobody will call you" in text_of(english.post(page, {"withdraw": str(site.pk)}, follow=True))
    assert agreeing.agreed_by(marie.registration) == []


def test_the_telephone_agrees_for_a_registration_and_sees_no_difference_at_a_claim(site: VaccinationSite) -> None:
    person = factories.make_registration()
    claim = make_claim(person)
    words = []
    for phone in (str(person.phone), str(claim.phone)):
        client = _browser_of(phone)
        (entry,) = entries.of_phone(phone)
        page = reverse("reservation:my_substitute", args=[entry.key])
        assert page in client.get(reverse("registration:my_registration", args=[entry.key])).content.decode()
        # The foot of a printed page tells its own address.
        told = text_of(_agree(client, page, site)).replace(entry.key, "KEY")
        words.append(told.replace(str(entry.person), "NAME"))
        assert client.get("/rezervace/nahradnik/0123456789abcdef0123/").status_code == 404
    assert words[0] == words[1]
    assert {(one.registration, one.claim) for one in Substitute.objects.all()} == {(person, None), (None, claim)}


def test_line_1221_writes_down_where_a_caller_comes(site: VaccinationSite, make_substitute: Agree, call: Call) -> None:
    operator = factories.make_staff(Role.SUPPORT_L2)
    client, person = pages.log_in(pages.browser(), operator), factories.make_registration()
    page = f"/personal/registrace/{person.pk}/nahradnik/"
    assert "within 15 minutes" in text_of(_agree(client, page, site, minutes="15"))
    assert Substitute.objects.get().agreed_with == operator
    call()
    desk = text_of(client.get(reverse("registration:desk_registration", args=[person.pk])))
    assert "waits for an answer until" in desk
    client.post(page, {"withdraw": str(site.pk)})
    assert "Not called to any site." in text_of(client.get(reverse("registration:desk_registration", args=[person.pk])))
