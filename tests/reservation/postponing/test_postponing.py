"""People who were ill come later: on their own page, at a site, and at line 1221."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from crs.messaging.models import Message
from crs.sent_forms import Sending
from logistics.models import Role, VaccinationSite
from reservation import errors
from reservation.models import AffectedAppointment, Invitation, Postponement, PostponementRule, Reservation, Slot
from reservation.postponing import postponing
from reservation.postponing.errors import NothingToPostpone, RegistrationIsOver
from reservation.reserving import booking
from reservation.slots import check
from tests import pages
from tests.factories import NOW, make_registration, make_reservation, make_slot, make_staff
from tests.pages import Page, form_key, text_of
from tests.reservation.conftest import Invite, MakePair, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = NOW.date()
PAGE = "/rezervace/odklad/"


def postpone(registration_id: int, ended_on: date = TODAY, **more: object) -> postponing.Postponed:
    return postponing.postpone(registration_id=registration_id, ended_on=ended_on, now=NOW, **more)  # type: ignore[arg-type]


def pressed(look: Page, step: str = "postpone") -> dict[str, str]:
    """What the browser sends from the page that shows what a postponement would do."""
    hidden = dict(re.findall(r'name="(seen|ended_on)" value="([^"]*)"', look.content.decode()))
    return {**hidden, "step": step, "form_key": form_key(look)}


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


def test_times_that_fit_again_are_kept_and_the_person_is_told(site: VaccinationSite) -> None:
    person = make_reservation(site=site, day=3).registration.pk
    postpone(person)
    assert AffectedAppointment.objects.unsettled().count() == 2
    assert postpone(person, TODAY - timedelta(days=71)).times_kept == 1  # not before day 20: dose 2 is on day 24
    assert AffectedAppointment.objects.unsettled().get().appointment.dose_number == 1
    assert postponing.withdraw(registration_id=person, now=NOW) == 1
    assert not AffectedAppointment.objects.unsettled().exists()
    assert Message.objects.filter(template="reservation/kept", channel="SMS").count() == 2
    assert postponing.withdraw(registration_id=person, now=NOW) == 0


def test_times_that_closed_or_fit_no_more_stay_with_the_site(site: VaccinationSite) -> None:
    closed, moved, other = (make_reservation(site=site, day=3 + number) for number in range(3))
    for one in (closed, moved, other):
        postpone(one.registration_id)
    Slot.objects.filter(appointments__reservation=closed, appointments__dose_number=1).update(is_closed=True)
    moved.appointments.filter(dose_number=1).update(slot=make_slot(20, site=site))  # dose 2 is five days later
    AffectedAppointment.objects.filter(appointment__reservation=other).update(cause="INTERVAL")
    withdrawn = [postponing.withdraw(registration_id=one.registration_id, now=NOW) for one in (closed, moved, other)]
    assert withdrawn == [1, 0, 0]


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
    look = english.post(PAGE, {"ended_on": " 10.\u200b1. 2027"})
    assert "on 11 April 2027 or later. It is counted as 91 days from the last day of the isolation." in text_of(look)
    assert "you lose it" not in text_of(look)
    assert not Postponement.objects.exists()
    assert english.post(PAGE, pressed(look)).headers["Location"] == PAGE
    page = text_of(english.get(PAGE))
    assert "Your vaccination is postponed." in page
    assert "on 11 April 2027 or later" in page
    assert "on 11 April 2027 at the earliest" in text_of(english.get("/rezervace/misto/"))
    english.post(PAGE, pressed(english.post(PAGE, {"ended_on": "11. ledna 2027"})))
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
    look = desk.post(path, {"ended_on": "11. 1. 2027"})
    assert "Dose 1: Thursday 14 January 2027, 9:00 , Nemocnice Motol" in text_of(look)
    assert not AffectedAppointment.objects.exists()
    assert 'value="11. 1. 2027"' in desk.post(path, pressed(look, step="edit")).content.decode()
    page = desk.post(path, pressed(look), follow=True)
    assert "No dose before 12. 4. 2027. The isolation ended on 11. 1. 2027." in text_of(page)
    assert "Times before that day are on the list to call." in text_of(page)
    made = standing(person.pk)
    assert made.made_by is not None
    assert f"/personal/kalendar/{site.pk}/2027-02-04/lide/" in page.content.decode()
    page = desk.post(path, {"withdraw": "1"}, follow=True)
    assert "Times that fit again hold after all" in text_of(page)
    assert postponing.standing(person.pk) is None
    stranger = make_registration()
    assert desk.get(f"/personal/kalendar/{site.pk}/osoby/{stranger.pk}/odklad/").status_code == 404


def test_line_1221_sees_and_postpones_for_callers() -> None:
    person = make_registration()
    line = pages.english(pages.log_in(pages.browser(), make_staff(Role.SUPPORT_L2)))
    path = f"/personal/registrace/{person.pk}/odklad/"
    assert path in line.get(f"/personal/registrace/{person.pk}/").content.decode()
    refused = text_of(line.post(path, {"ended_on": "1. 10. 2026"}))
    assert "Nothing has to be postponed: a dose can be given since 31. 12. 2026." in refused
    line.post(path, pressed(line.post(path, {"ended_on": "11. 1. 2027"})))
    page = text_of(line.get(f"/personal/registrace/{person.pk}/"))
    assert "No dose before 12. 4. 2027" in page
    assert "postponed until 12. 4. 2027" in page
    line.post(path, {"withdraw": "1"})
    page = text_of(line.get(f"/personal/registrace/{person.pk}/"))
    assert "postponed until 12. 4. 2027; withdrawn or replaced 11. 1. 2027" in page


def test_line_1221_reads_what_to_tell_a_caller_whose_time_cannot_stay(site: VaccinationSite) -> None:
    site.phone = "222 111 333"
    site.save()
    person = make_reservation(site=site, day=3).registration
    line = pages.english(pages.log_in(pages.browser(), make_staff(Role.SUPPORT_L2)))
    path = f"/personal/registrace/{person.pk}/"
    assert "Tell the caller" not in text_of(line.get(path))
    postpone(person.pk)
    page = line.get(path)
    assert "and you can call them: 222 111 333." in text_of(page)
    free = "/volne-terminy/?okres=CZ0100"
    assert f'href="{free}"' in page.content.decode()
    assert line.get(free).status_code == 200


def test_a_citizen_sees_what_would_be_lost_before_it_is(
    english: Client, marie: Invitation, site: VaccinationSite
) -> None:
    reservation = make_reservation(marie.registration, site=site, day=3)
    log_in(english)
    look = english.post(PAGE, {"ended_on": "11. 1. 2027"})
    assert "you lose it" in text_of(look)
    assert "Dose 1: Thursday 14 January 2027, 9:00 , Nemocnice Motol" in text_of(look)
    assert not AffectedAppointment.objects.exists()
    moved = make_slot(2, site=site)
    reservation.appointments.filter(dose_number=1).update(slot=moved)
    again = english.post(PAGE, pressed(look))
    assert "nothing is postponed yet" in text_of(again)
    assert "Wednesday 13 January 2027" in text_of(again)
    assert not Postponement.objects.exists()
    done = text_of(english.post(PAGE, pressed(again), follow=True))
    assert "The vaccination site will find you a new time and call you." in done
    assert AffectedAppointment.objects.count() == 2
    done = text_of(english.post(f"{PAGE}zrusit/", follow=True))
    assert "Your reserved time holds again." in done
    assert not AffectedAppointment.objects.unsettled().exists()
