"""The pages of the end of a day."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from logistics.models import Role, Store, VaccinationSite
from logistics.stock import ledger
from tests.factories import NOW, context, make_open_vial, make_reservation, make_site, make_staff, make_visit
from tests.pages import browser, form_key, log_in, send_form, summary, text_of
from tests.vaccination.closing.conftest import vaccinate
from vaccination.models import DayClosing, VialSession, Visit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
EVENING = NOW + timedelta(hours=9)


def address(site: VaccinationSite, day: str = "2027-01-11") -> str:
    return f"{reverse('vaccination:closing', args=[site.pk])}?den={day}"


def test_the_checklist_says_what_is_open_and_where_to_go(
    nurse: Client, site: VaccinationSite, vial: VialSession
) -> None:
    sitting = vaccinate(site, vial, state="OBSERVED")
    waits = make_visit(site=site)
    make_reservation(site=site, clock="14:00")
    page = nurse.get(reverse("vaccination:closing", args=[site.pk]))
    text, markup = text_of(page), page.content.decode()
    assert "People in the list: 3 (booked for this day 3, came without it 0)." in text
    assert "Of them vaccinated 1, waiting 1, without a dose 0, not here 1." in text
    assert "Still under observation: 1" in text
    assert "Still waiting for a dose: 1" in text
    assert reverse("vaccination:observation", args=[site.pk]) in markup
    assert f"{waits.registration.person.listed_name}</a>, came at 9:00" in markup
    assert reverse("vaccination:visit", args=[site.pk, sitting.visit_id]) in markup
    assert "1 of them may still come, booked for 14:00." in text
    assert "Comirnaty EJ6797 : 5 doses station 1: 5 of 6 left" in text
    assert "Each dose agrees with the stock." in text
    assert "The day can be closed when nobody is under observation and nobody waits for a dose." in text
    assert "Close the day" not in text
    assert "Jana" not in markup.partition("</title>")[0]
    # Whoever sends the form all the same is refused in words.
    assert "1 person is still under observation." in summary(
        send_form(nurse, address(site), nobody_comes="on", waste_reason="LEFT_OVER")
    )


def test_what_is_missing_is_asked_at_its_field_and_what_was_typed_stays(
    nurse: Client, site: VaccinationSite, vial: VialSession
) -> None:
    make_reservation(site=site, clock="14:00")
    ledger.consume(store=Store.objects.get(site=site), item=vial.item, doses=1, context=context())
    page = send_form(nurse, address(site), explanation=" \u200b")
    assert "1 person is still expected today." in summary(page)
    assert "Opened doses are left. Choose why they are thrown away." in summary(page)
    assert "explain the difference in words" in summary(page)
    assert "#id_nobody_comes" in summary(page)
    page = send_form(nurse, address(site), nobody_comes="on", explanation="Spadla stříkačka", waste_reason="ATE")
    assert "Spadla stříkačka" in page.content.decode()
    page = send_form(nurse, address(site), explanation="Spadla", waste_reason="LEFT_OVER")
    assert '<option value="LEFT_OVER" selected>' in page.content.decode()
    assert not DayClosing.objects.exists()


def test_one_button_closes_the_day_and_the_page_says_so(site: VaccinationSite, vial: VialSession) -> None:
    vaccinate(site, vial)
    with time_machine.travel(EVENING):
        nurse = log_in(browser(), make_staff(Role.VACCINATOR, site=site, name="sestra"))
        first = nurse.get(address(site))
        fields = {"form_key": form_key(first), "waste_reason": "LEFT_OVER"}
        page = nurse.post(address(site), fields, follow=True)
        again = nurse.post(address(site), fields, follow=True)  # a double click
    for one in (page, again):
        assert "The day is closed." in text_of(one)
    row = DayClosing.objects.get()
    assert (row.closed_by.username if row.closed_by else "", row.doses_wasted) == ("sestra", 5)
    text = text_of(page)
    assert "Closed 11. 1. 2027 18:00" in text
    assert "Doses given 1 1" in text
    assert "ask the manager of the site to open the day again" in text


def test_the_second_of_two_people_sees_the_first_ones_closing(
    nurse: Client, manager: Client, site: VaccinationSite
) -> None:
    for client in (nurse, manager):
        page = client.post(address(site), {}, follow=True)
    assert "Somebody else has just closed this day." in text_of(page)
    assert DayClosing.objects.get().closed_by.username == "sestra"  # type: ignore[union-attr]


def test_a_vial_that_lasts_is_offered_to_be_kept(nurse: Client, site: VaccinationSite) -> None:
    lasting = make_open_vial(site, number="ABV1234", vaccine="vaxzevria", doses_per_vial=10)
    assert "Keep for the next day" in text_of(nurse.get(address(site)))
    # What may be kept needs a reason only where it is not.
    refused = summary(send_form(nurse, address(site)))
    assert "Opened doses are left. Choose why they are thrown away." in refused
    send_form(nurse, address(site), kept=str(lasting.item_id))
    lasting.refresh_from_db()
    assert (lasting.end, lasting.left) == ("PUT_ASIDE", 6)
    assert "Keep for the next day" not in text_of(nurse.get(address(site)))


def test_a_difference_names_its_documents_and_doses(manager: Client, site: VaccinationSite, vial: VialSession) -> None:
    by_hand = ledger.consume(store=Store.objects.get(site=site), item=vial.item, doses=1, context=context())
    dose = vaccinate(site, vial)
    assert dose.consumption
    ledger.reverse(document=dose.consumption, context=context())
    page = manager.get(address(site))
    assert f"{by_hand.number} , Comirnaty EJ6797: 1 dose" in text_of(page)
    assert "dose given at 9:00 , Comirnaty EJ6797" in text_of(page)
    assert reverse("logistics:document", args=[by_hand.store_id, by_hand.pk]) in page.content.decode()
    assert "Explanation of the difference" in text_of(page)


def test_the_manager_opens_a_day_again_and_nobody_else_does(
    nurse: Client, manager: Client, site: VaccinationSite, vial: VialSession
) -> None:
    send_form(nurse, address(site), waste_reason="LEFT_OVER")
    row = DayClosing.objects.get()
    door = reverse("vaccination:reopen_day", args=[site.pk, row.pk])
    assert nurse.get(door).status_code == 404
    assert door in manager.get(address(site)).content.decode()
    assert "Write why the day is opened again." in summary(send_form(manager, door, reason=" \u200b"))
    page = manager.post(door, {"reason": "Chybí dávka"}, follow=True)
    assert "The day is open again." in text_of(page)
    assert "Closed before and opened again" in text_of(page)
    assert "Chybí dávka" in text_of(page)
    assert manager.get(door).status_code == 302
    assert "Somebody else opened it." in summary(send_form(manager, door, reason="Ještě jednou"))


def test_later_corrections_show_beside_what_was_kept(manager: Client, site: VaccinationSite, vial: VialSession) -> None:
    dose = vaccinate(site, vial)
    send_form(manager, address(site), waste_reason="LEFT_OVER")
    assert "changed since" not in text_of(manager.get(address(site)))
    assert dose.consumption
    ledger.reverse(document=dose.consumption, context=context())
    assert "Doses taken from the stock 1 0 changed since" in text_of(manager.get(address(site)))
    Visit.objects.filter(doses=dose).update(state="ARRIVED", observe_until=None, left_at=None)
    assert "Somebody waits here again" in text_of(manager.get(address(site)))


def test_the_list_of_days_marks_the_open_ones(nurse: Client, site: VaccinationSite, vial: VialSession) -> None:
    vaccinate(site, vial)
    days = reverse("vaccination:closings", args=[site.pk])
    assert "Monday 11. 1. 2027 in progress" in text_of(nurse.get(days))
    with time_machine.travel(NOW + timedelta(days=1)):
        manager = log_in(browser(), make_staff(Role.MANAGER, site=site, name="vedouci"))
        page = text_of(manager.get(days))
        assert "1 past day is not closed." in page
        assert "Monday 11. 1. 2027 not closed" in page
        send_form(manager, address(site), waste_reason="EXPIRED")
        page = text_of(manager.get(days))
        older = text_of(manager.get(f"{days}?do=2026-06-01"))
    assert "All past days are closed." in page
    assert "closed 12. 1. 2027 9:00, vedouci 1 1" in page
    assert "Nobody was expected here in these days." in older


def test_an_address_with_another_day_says_what_can_be_done(manager: Client, site: VaccinationSite) -> None:
    assert "This day has not come yet." in text_of(manager.get(address(site, "2027-01-12")))
    send_form(manager, address(site, "2027-01-12"))
    assert not DayClosing.objects.exists()
    for wrong in ("yesterday", "1812-01-01", "2027-02-30"):
        assert manager.get(address(site, wrong)).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR])
def test_people_of_another_site_find_nothing(role: Role, site: VaccinationSite) -> None:
    row = DayClosing.objects.create(
        site=site, day=TODAY, closed_at=NOW, **dict.fromkeys(("expected", "vaccinated", "missed"), 0),
        **dict.fromkeys(("doses_given", "doses_consumed", "doses_wasted"), 0),
    )  # fmt: skip
    other = make_site("Jinde", "CZ0642")
    outsider = log_in(browser(), make_staff(role, site=other, name="cizi"))
    for name, more in (("closing", []), ("closings", []), ("reopen_day", [row.pk])):
        assert outsider.get(reverse(f"vaccination:{name}", args=[site.pk, *more])).status_code == 404
    # Nor through their own site's address.
    assert outsider.get(reverse("vaccination:reopen_day", args=[other.pk, row.pk])).status_code == 404


def test_no_page_needs_javascript(manager: Client, site: VaccinationSite, vial: VialSession) -> None:
    page = manager.get(address(site)).content.decode()
    assert "<script" not in page.partition("<main")[2].partition("</main>")[0]


def test_a_closed_day_says_so_on_every_page_of_it(site: VaccinationSite, nurse: Client, manager: Client) -> None:
    yesterday = TODAY - timedelta(days=1)
    DayClosing.objects.create(
        site=site, day=yesterday, closed_at=NOW, **dict.fromkeys(("expected", "vaccinated", "missed"), 0),
        doses_given=0, doses_consumed=0, doses_wasted=0,
    )  # fmt: skip
    day = reverse("vaccination:day", args=[site.pk])
    says = "The day 10. 1. 2027 is closed (since 11. 1. 2027 9:00)"
    assert says not in text_of(nurse.get(day))
    assert says in text_of(nurse.get(f"{day}?den={yesterday}"))
    DayClosing.objects.update(day=TODAY)
    for name in ("day", "vials", "late_entry", "walk_in"):
        assert "The day 11. 1. 2027 is closed" in text_of(nurse.get(reverse(f"vaccination:{name}", args=[site.pk]))), (
            name
        )
    assert "ask the manager of the site" in text_of(nurse.get(day))
    assert "open the day again at the end of the day" in text_of(manager.get(day))
    assert "The day 11. 1. 2027 is closed" not in text_of(nurse.get(reverse("vaccination:closing", args=[site.pk])))
