"""The whole way through registering, and what holds on each of its pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration.groups.eligibility import of_registration
from registration.models import PhoneVerification, Registration
from registration.number import grouped
from tests.cast import JANA, KAREL, MARIE, PETR
from tests.factories import make_site
from tests.pages import english, solved_captcha
from tests.registration.conftest import ask_for_pin, other_than, pins_to, texts_to
from tests.registration.steps import DONE, EXISTING, FINISH, FORM, PHONE, PIN, RESEND, Prove, html_of, send

pytestmark = pytest.mark.django_db


# --- every page -----------------------------------------------------------------------------------


def test_no_page_asks_the_database_more_than_12_times_however_much_there_is(
    client: Client, prove: Prove, site: VaccinationSite, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    prove(client, JANA.phone)
    for person in (MARIE, KAREL, PETR):
        send(client, person.form())
    for place in range(30):
        make_site(f"Site {place}", "CZ0642")
    for url in (PHONE, FORM, DONE, EXISTING):
        with django_assert_max_num_queries(12):
            client.get(url)
    with django_assert_max_num_queries(12):
        send(client, MARIE.form(region="CZ064", district="CZ0642", choose="district"))
    other = Client()
    ask_for_pin(other, JANA.phone)
    with django_assert_max_num_queries(12):
        other.get(PIN)


def test_a_get_does_not_send_or_finish(client: Client) -> None:
    assert client.get(RESEND).headers["Location"] == PIN
    assert not Message.objects.exists()
    assert client.get(FINISH).status_code == 405


def test_pages_about_a_person_are_not_kept_by_the_browser(client: Client, prove: Prove) -> None:
    assert "no-store" in prove(client, MARIE.phone).get(FORM).headers["Cache-Control"]


# --- the whole way ----------------------------------------------------------------------------------


def test_jana_registers_her_grandmother_and_herself_on_a_morning_when_sms_come_late(
    client: Client, site: VaccinationSite
) -> None:
    # Given that SMS take minutes and Jana asks twice
    english(client)
    client.post(PHONE, {"phone": "00420 603 456 789", **solved_captcha()})
    PhoneVerification.objects.update(asked_at=timezone.now() - timedelta(seconds=90))
    client.post(RESEND)
    first, second = pins_to(JANA.phone)
    # When the first one comes after all and she types it wrong before she types it right
    wrong = client.post(PIN, {"pin": other_than(first, second)})
    assert wrong.context["form"].errors["pin"]
    assert client.post(PIN, {"pin": f"{first[:3]} {first[3:]}"}).headers["Location"] == FORM
    # Then she fills in the form for Marie, mistypes the number and corrects only that
    page = send(client, MARIE.form(insured_number="385512/12", region="CZ064", choose="region"))
    page = send(client, MARIE.form(insured_number="385512/12", sites=[str(site.pk)]))
    assert set(page.context["form"].errors) == {"insured_number"}
    page = send(client, MARIE.form(sites=[str(site.pk)]), follow=True)
    marie = Registration.objects.get(person__last_name="Dvořáková")
    assert marie.number in re.sub(r"\s", "", html_of(page))
    assert list(marie.preferred_sites.all()) == [site]
    # And goes on with herself from the same telephone
    send(client, JANA.form())
    jana = Registration.objects.get(person__last_name="Svobodová")
    bests = [of_registration(one, now=timezone.now()).best for one in (marie, jana)]
    assert [best and best.group.code for best in bests] == ["age-80", "age-40"]
    assert len(texts_to(JANA.phone, "registration/registered")) == 2
    assert breakable(grouped(marie.number)) in breakable(texts_to("marie@seznam.cz", "registration/registered")[0])
    # And no address on the way carried anything about anybody
    for url in (PHONE, PIN, FORM, DONE, EXISTING):
        assert not re.search(r"\d", url)
