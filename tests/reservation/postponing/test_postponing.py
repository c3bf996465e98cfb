"""People who were ill come later: on their own page, at a site, and at line 1221."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from crs.sent_forms import Sending
from logistics.models import Role, VaccinationSite
from reservation import errors
from reservation.models import AffectedAppointment, Invitation, Postponement, PostponementRule, Reservation, Slot
from reservation.postponing import postponing
from reservation.postponing.errors import NothingToPostpone, RegistrationIsOver
from reservation.reserving import booking
from reservation.slots import check
from tests import pages
from tests.factories import NOW, make_registration, make_reservation, make_staff
from tests.pages import text_of
from tests.reservation.conftest import Invite, MakePair, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
PAGE = "/rezervace/odklad/"


def postpone(registration_id: int, ended_on: date = TODAY, **more: object) -> postponing.Postponed:
    return postponing.postpone(registration_id=registration_id, ended_on=ended_on, now=NOW, **more)  # type: ignore[arg-type]


def standing(registration_id: int) -> Postponement:
    found = postponing.standing(registration_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("day", "waits"), [(date(2021, 3, 1), 91), (date(2021, 7, 1), 0), (date(2022, 1, 1), 91), (date(2020, 1, 1), 0)]
)
def test_how_long_somebody_waits_is_the_rule_of_the_day(day: date, waits: int) -> None:
    now = NOW.replace(year=day.year, month=day.month, day=day.day)
    assert postponing.not_before(day, now=now) == day + timedelta(days=waits)


def test_confirmed_times_before_the_day_are_handed_over_and_later_ones_stay(site: VaccinationSite) -> None:
    PostponementRule.objects.create(valid_from=TODAY, days=10)
    reservation = make_reservation(site=site, day=3)
    done = postpone(reservation.registration_id)
    assert (done.not_before, done.times_before) == (TODAY + timedelta(days=10), 1)
    affected = AffectedAppointment.objects.get()
    assert (affected.cause, affected.appointment.dose_number) == ("POSTPONED", 1)
    assert reservation.registration.reservations.get().state == Reservation.State.CONFIRMED


def test_a_hold_before_the_day_is_given_up(make_pair: MakePair, make_invitation: Invite) -> None:
    invitation, (first, _) = make_invitation(), make_pair()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    postpone(invitation.registration_id)
    assert Reservation.objects.get(pk=held.reservation_id).state == Reservation.State.CANCELLED
    assert not Slot.objects.filter(booked__gt=0).exists()
    with pytest.raises(errors.HoldExpired):
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    with pytest.raises(errors.Postponed):
        booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    postponing.withdraw(registration_id=invitation.registration_id, now=NOW)
    booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    assert check.wrong_counters() == []


def test_another_day_replaces_the_first_one_and_a_double_click_counts_once() -> None:
    person = make_registration().pk
    form = Sending(uuid4(), "typed")
    postpone(person, TODAY - timedelta(days=9), form=form)
    postpone(person, TODAY - timedelta(days=9), form=form)
    postpone(person)
    assert standing(person).ended_on == TODAY
    assert Postponement.objects.filter(registration=person).count() == 2


def test_what_has_passed_and_whoever_has_left_is_not_postponed() -> None:
    person = make_registration().pk
    with pytest.raises(NothingToPostpone):
        postpone(person, TODAY - timedelta(days=91))
    with pytest.raises(RegistrationIsOver):
        postpone(make_registration(state="CANCELLED").pk)
    assert not Postponement.objects.exists()


# --- pages --------------------------------------------------------------------------------------


def test_a_citizen_says_when_the_isolation_ended_changes_it_and_takes_it_back(
    english: Client, marie: Invitation
) -> None:
    log_in(english)
    for typed in ("", "včera", "1. 1. 2020", "30. 2. 2027"):
        refused = english.post(PAGE, {"ended_on": typed})
        assert refused.status_code == 200
        assert f'value="{typed}"' in refused.content.decode() or not typed
    assert english.post(PAGE, {"ended_on": " 10.\u200b1. 2027"}).headers["Location"] == PAGE
    page = text_of(english.get(PAGE))
    assert "Your vaccination is postponed." in page
    assert "on 11 April 2027 or later" in page
    assert "on 11 April 2027 at the earliest" in text_of(english.get("/rezervace/misto/"))
    english.post(PAGE, {"ended_on": "11. ledna 2027"})
    assert standing(marie.registration_id).ended_on == TODAY
    assert english.get(f"{PAGE}zrusit/").status_code == 405
    english.post(f"{PAGE}zrusit/")
    assert postponing.standing(marie.registration_id) is None
    english.post("/rezervace/odhlasit/")
    assert english.get(PAGE).headers["Location"] == "/rezervace/"


def test_a_site_postpones_for_people_who_are_booked_there(site: VaccinationSite) -> None:
    person = make_reservation(site=site, day=3).registration
    desk = pages.english(pages.log_in(pages.browser(), make_staff(Role.REGISTRAR, site=site)))
    path = f"/personal/kalendar/{site.pk}/osoby/{person.pk}/odklad/"
    page = desk.post(path, {"ended_on": "11. 1. 2027"}, follow=True)
    assert "No dose before 12. 4. 2027. The isolation ended on 11. 1. 2027." in text_of(page)
    assert "Times before that day are on the list to call." in text_of(page)
    made = standing(person.pk)
    assert made.made_by is not None
    assert "Nothing" not in text_of(desk.post(path, {"withdraw": "1"}, follow=True))
    assert postponing.standing(person.pk) is None
    stranger = make_registration()
    assert desk.get(f"/personal/kalendar/{site.pk}/osoby/{stranger.pk}/odklad/").status_code == 404


def test_line_1221_sees_and_postpones_for_callers() -> None:
    person = make_registration()
    line = pages.english(pages.log_in(pages.browser(), make_staff(Role.SUPPORT_L2)))
    path = f"/personal/registrace/{person.pk}/odklad/"
    assert path in line.get(f"/personal/registrace/{person.pk}/").content.decode()
    line.post(path, {"ended_on": "11. 1. 2027"})
    assert "No dose before 12. 4. 2027" in text_of(line.get(f"/personal/registrace/{person.pk}/"))
