"""The pages of a coordinator: from the form to the publishing and back, names only to whom they belong."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.models import PersonLook
from reservation.models import Closure, PlannedMove, Replan
from tests import factories, pages
from tests.pages import send_form, summary, text_of
from tests.reservation.replanning.conftest import Start, fill

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST, NEW = "/personal/preplanovani/", "/personal/preplanovani/nove/"
Close = Callable[..., Closure]
Days = Callable[..., None]


def browser_of(user: User) -> Client:
    client = pages.browser()
    pages.log_in(client, user)
    return client


def test_a_coordinator_plans_looks_publishes_calls_and_takes_it_back(
    site: VaccinationSite, days_of: Days, close: Close, coordinator: User
) -> None:
    silent = factories.make_registration(phone="", email="", landline="+420381111222")
    for one in (silent, factories.make_registration()):
        factories.make_reservation(one, site=site, day=10)
    fill()
    days_of(8, capacity=2)
    closure = close(10)
    client = browser_of(coordinator)
    typed = {"scope": "AFFECTED", "closure": closure.pk, "reason": "Havárie\u00a0vody"}
    page = send_form(client, NEW, **typed)
    replan = Replan.objects.get()
    assert (page.headers["Location"], replan.site, replan.reason) == (f"{LIST}{replan.pk}/", site, "Havárie vody")
    address = f"{LIST}{replan.pk}/"
    text = text_of(client.get(address))
    assert "Up to a week 2" in text
    assert "When you publish, 2 appointments move." in text
    assert text.count("Nováková") == 2
    assert PersonLook.objects.filter(page="reservation:replan").count() >= 2
    assert not Message.objects.filter(template="reservation/replanned").exists()

    send_form(client, f"{address}zverejnit/")
    text = text_of(client.get(f"{address}?stav=MOVED&strana=2"))
    assert "No message has reached 1 person: call them" in text
    assert "381 111 222" in text_of(client.get(f"{address}obvolat/"))
    move = PlannedMove.objects.get(appointment__reservation__registration=silent)
    client.post(f"{address}obvolat/{move.pk}/")
    assert "Nobody is to be called." in text_of(client.get(f"{address}obvolat/"))
    assert "1 appointment moves back" in text_of(client.get(address))
    send_form(client, f"{address}vratit/")
    assert "Left as it is 1" in text_of(client.get(address))
    assert "undone" in text_of(client.get(LIST))


def test_what_belongs_together_is_asked_for_and_what_was_typed_stays(site: VaccinationSite, coordinator: User) -> None:
    client = browser_of(coordinator)
    # Nobody reads that a field is optional which a choice above it needs.
    labels = text_of(client.get(NEW))
    assert "Days until (optional)" in labels
    assert not [name for name in ("Vaccination site", "Days from") if f"{name} (optional)" in labels]
    # All that is missing is said at once, each at its field.
    errors = client.post(NEW, {"scope": "DAYS", "reason": ""}).context["form"].errors
    assert list(errors) == ["reason", "site", "first_day"]
    days = {"scope": "DAYS", "reason": "Pozdní dodávka", "first_day": "20. 1. 2027", "last_day": "1. 1. 2027"}
    page = client.post(NEW, days)
    assert "Choose the vaccination site whose days move." in summary(page)
    assert 'value="20. 1. 2027"' in page.content.decode()
    for wrong, words in (
        ({"first_day": ""}, "Write the first day that moves."),
        ({"first_day": "11. 1. 2027"}, "Only days to come can move."),
        ({"last_day": "1. 9. 2027"}, "These are too many days at once."),
        ({"last_day": "1. 1. 2027"}, "The last day lies before the first one."),
        ({"reason": "\u200b"}, "Write why: people read it."),
    ):
        assert words in summary(client.post(NEW, days | {"site": site.pk} | wrong)), words
    # The manager of one site is asked for no region, and their site is chosen.
    manager = browser_of(factories.make_staff(Role.MANAGER, site=site))
    form = manager.get(NEW).context["form"]
    assert ("region" in form.fields, form.fields["site"].empty_label) == (False, None)
    assert "Choose a vaccination site." in summary(manager.post(NEW, {"scope": "AFFECTED", "reason": "x"}))
    region = factories.make_staff(Role.REGION, region="CZ010")
    assert "Choose a vaccination site or a region." in summary(
        browser_of(region).post(NEW, {"scope": "AFFECTED", "reason": "x"})
    )


def test_a_region_sees_its_plans_without_names_and_another_one_sees_none(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, coordinator: User
) -> None:
    factories.make_reservation(site=site, day=10)
    days_of(8)
    close(10)
    replan = start(site=site)
    other = factories.make_staff(Role.REGION, region="CZ064")
    mine = factories.make_staff(Role.REGION, region="CZ010")
    address = f"{LIST}{replan.pk}/"
    text = text_of(browser_of(mine).get(address))
    assert "only its site sees it" in text
    assert "Nováková" not in text
    # A plan for all sites says where they are.
    everywhere = f"{LIST}{start().pk}/"
    client = browser_of(coordinator)
    assert f'href="{address}"' in client.get(everywhere).content.decode()
    assert "1 appointment belongs to another plan that is not published: Nemocnice Motol" in text_of(
        client.get(everywhere)
    )
    stranger = browser_of(other)
    assert stranger.get(address).status_code == 404
    assert stranger.post(f"{address}zverejnit/").status_code == 404
    client = browser_of(mine)
    # A double click and an old page.
    for _ in range(2):
        client.post(f"{address}zahodit/")
    assert "moved on meanwhile" in text_of(client.get(LIST))
