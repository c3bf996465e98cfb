"""A time that cannot stay, where its person, the desk and the site read of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from logistics.models import VaccinationSite
from reservation import desk_section, my_next_steps
from reservation.models import AffectedAppointment, Reservation
from reservation.papers import affected_times
from tests import pages
from tests.factories import NOW, make_affected, make_invitation, make_registration, make_reservation
from tests.reservation.conftest import PHONE, log_in
from vaccination.visits import whereabouts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def affected(site: VaccinationSite) -> AffectedAppointment:
    """Dose 1 of tomorrow; dose 2 holds."""
    reservation = make_reservation(make_registration(phone=PHONE), site=site, day=1)
    return make_affected(reservation.appointments.get(dose_number=1))


@pytest.fixture
def reservation(affected: AffectedAppointment) -> Reservation:
    return affected.appointment.reservation


def test_the_persons_own_registration_says_that_another_time_will_come(reservation: Reservation) -> None:
    first, second = my_next_steps.of_registration(reservation.registration, NOW)
    assert "platit nebude" in first.text
    assert "havárie vody" in first.text
    assert "ozveme se" in first.text
    assert "platit nebude" not in second.text
    later = NOW + timedelta(days=2)
    assert "platit nebude" in next(iter(my_next_steps.of_registration(reservation.registration, later))).text


def test_the_page_of_the_reservation_says_it_first(reservation: Reservation, english: Client) -> None:
    make_invitation(reservation.registration)
    text = pages.text_of(english.get(log_in(english).url))
    assert "Your time will change" in text
    assert text.count("will not hold: the vaccination site will be closed (havárie vody).") == 1
    assert text.index("You need not do anything") < text.index("will not hold")
    assert "Everything is done" not in text


def test_the_desk_and_the_site_read_the_cause(reservation: Reservation, site: VaccinationSite) -> None:
    section = desk_section.of_registration(reservation.registration)
    assert section
    assert "nemůže zůstat" in section.lines[0]
    assert "havárie vody" in section.lines[0]
    found = whereabouts.of(reservation.registration, site=site, now=NOW)
    assert [one for one in found.warnings if "nemůže zůstat" in one and "havárie vody" in one]


@pytest.mark.parametrize("change", [{"kept_at": NOW}, {"closure__lifted_at": NOW}, {"appointment__state": "MISSED"}])
def test_what_was_settled_is_said_no_more(
    affected: AffectedAppointment, reservation: Reservation, change: dict[str, object]
) -> None:
    for path, value in change.items():
        *way, name = path.split("__")
        row: Any = getattr(affected, way[0]) if way else affected
        type(row).objects.filter(pk=row.pk).update(**{name: value, **_by(affected, name)})
    assert not AffectedAppointment.objects.unsettled().exists()
    assert not any(
        "platit nebude" in step.text for step in my_next_steps.of_registration(reservation.registration, NOW)
    )


def _by(affected: AffectedAppointment, name: str) -> dict[str, object]:
    return {"lifted_by": affected.closure.made_by} if name == "lifted_at" and affected.closure else {}


def test_each_cause_has_its_words() -> None:
    words = {affected_times.why(cause, "x") for cause in AffectedAppointment.Cause.values}
    assert len(words) == len(AffectedAppointment.Cause.values)
