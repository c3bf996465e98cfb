"""Whose turn it is, and how many may come."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from io import StringIO

import pytest
from celery.schedules import crontab
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crs.messaging import gsm7
from crs.messaging.models import Message
from logistics.models import DoseRule, Region, VaccinationSite
from registration.groups.preview import Waiting
from registration.models import Person, PriorityGroup
from reservation import errors, tasks
from reservation.free_seats import folding
from reservation.inviting import invitations, waiting_summary
from reservation.inviting.room import rooms
from reservation.models import Invitation, Slot
from reservation.reserving import booking
from reservation.walk.logging_in import log_in
from tests.factories import NOW, make_registration, make_rule, make_site
from tests.reservation.conftest import Invite, Make, MakePair, Register

pytestmark = pytest.mark.django_db


@pytest.fixture
def invite(group: PriorityGroup) -> Callable[..., invitations.InvitationRun]:
    return partial(invitations.invite, group=group, limit=100, now=NOW)


Inviting = Callable[..., invitations.InvitationRun]


def invited() -> list[int]:
    return list(Invitation.objects.order_by("pk").values_list("registration_id", flat=True))


def test_the_oldest_come_first_then_who_registered_earlier(
    invite: Inviting, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(capacity=3)
    young = make_registration(birth_date=date(1946, 1, 1), created_at=NOW - timedelta(days=9))
    late = make_registration(birth_date=date(1930, 1, 1), created_at=NOW)
    early = make_registration(birth_date=date(1930, 1, 1), created_at=NOW - timedelta(days=1))
    done = invite(limit=2)
    assert (done.invited, done.again, done.room) == (2, 0, 3)
    assert invited() == [early.pk, late.pk]
    invite(limit=2)
    assert invited() == [early.pk, late.pk, young.pk]


def test_nobody_is_invited_to_a_seat_that_is_not_there(
    invite: Inviting, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(1, capacity=5, second=2)
    for _ in range(6):
        make_registration()
    assert invite().invited == 2
    assert invite().invited == 0
    make_pair(2, capacity=1)
    assert invite().invited == 1


def test_a_held_seat_is_not_promised_twice(invite: Inviting, make_pair: MakePair, make_registration: Register) -> None:
    first, _ = make_pair(capacity=3)
    for _ in range(6):
        make_registration()
    assert invite().invited == 3
    booking.hold(invitation_id=Invitation.objects.latest("pk").pk, slot_id=first.pk, now=NOW)
    assert invite().invited == 0


def test_only_people_of_the_open_group_who_have_nothing_yet(
    invite: Inviting, make_pair: MakePair, make_registration: Register, make_invitation: Invite
) -> None:
    first, _ = make_pair(capacity=9)
    make_invitation()
    make_registration(state="CANCELLED")
    other = PriorityGroup.objects.get(code="age-5")
    make_registration(birth_date=date(2016, 1, 1))
    reserved = make_invitation(expires_at=NOW + timedelta(minutes=1))
    booking.hold(invitation_id=reserved.pk, slot_id=first.pk, now=NOW)
    Invitation.objects.filter(pk=reserved.pk).update(expires_at=NOW)
    assert invite().invited == 0
    with pytest.raises(errors.GroupNotOpen):
        invite(group=other)


def test_whoever_could_not_use_pin2_is_not_invited(
    invite: Inviting, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(capacity=9)
    make_registration(phone="")
    make_registration(phone="", email="jana@seznam.cz")
    make_registration(doses_received=1)
    make_registration(state="COMPLETED", doses_received=2)
    died, stands = make_registration(), make_registration()
    joined = make_registration()
    Person.objects.filter(pk=died.person_id).update(died_on=NOW.date())
    Person.objects.filter(pk=joined.person_id).update(merged_into=stands.person_id)
    invite()
    assert invited() == [stands.pk]
    assert not Message.objects.filter(recipient="").exists()


def test_who_let_pin2_run_out_is_invited_again_and_the_old_one_is_kept_as_history(
    invite: Inviting, make_pair: MakePair, make_invitation: Invite
) -> None:
    make_pair(capacity=2)
    old = make_invitation(expires_at=NOW)
    done = invite()
    assert (done.invited, done.again) == (1, 1)
    old.refresh_from_db()
    assert old.revoked_at == NOW
    new = Invitation.objects.get(revoked_at=None)
    assert (new.registration_id, new.expires_at) == (old.registration_id, (NOW + timedelta(days=14)).replace(hour=20))


def test_people_go_where_they_prefer_and_only_if_there_is_room(
    invite: Inviting,
    make_pair: MakePair,
    make_slot: Callable[..., Slot],
    make_registration: Register,
) -> None:
    prague, brno = make_site("Praha", "CZ0100"), make_site("Brno", district="CZ0642")
    for place, capacity in ((prague, 2), (brno, 1)):
        make_slot(1, capacity=capacity, site=place)
        make_slot(22, capacity=capacity, site=place, for_doses="SECOND")
    in_brno = [make_registration(sites=(brno,)) for _ in range(3)]
    in_both = make_registration(sites=(brno, prague))
    anywhere = make_registration()
    done = invite()
    assert done.by_region == {"CZ064": 1, "CZ010": 2}
    assert invited() == [in_brno[0].pk, in_both.pk, anywhere.pk]
    assert invite().invited == 0


def test_with_a_region_only_people_who_prefer_a_site_there(
    invite: Inviting, make_slot: Make, make_registration: Register
) -> None:
    brno = make_site("Brno", district="CZ0642")
    make_slot(1, capacity=9, site=brno)
    make_slot(22, capacity=9, site=brno, for_doses="SECOND")
    make_registration()
    wanted = make_registration(sites=(brno,))
    done = invite(place=Region.objects.get(pk="CZ064"))
    assert (done.room, invited()) == (9, [wanted.pk])


def test_promises_of_who_can_go_elsewhere_do_not_block_a_region(
    invite: Inviting,
    make_slot: Callable[..., Slot],
    make_invitation: Invite,
    make_registration: Register,
) -> None:
    prague, brno = make_site("Praha", "CZ0100"), make_site("Brno", district="CZ0642")
    for place in (prague, brno):
        make_slot(1, site=place)
        make_slot(22, site=place, for_doses="SECOND")
    make_invitation(make_registration(sites=(brno, prague)))
    make_invitation(make_registration(sites=(brno,)))
    make_registration()
    assert invite().invited == 0


def test_a_dry_run_says_the_same_and_changes_nothing(
    invite: Inviting, make_pair: MakePair, make_registration: Register, make_invitation: Invite
) -> None:
    make_pair(capacity=2)
    make_invitation(expires_at=NOW)
    make_registration()
    would = invite(is_dry_run=True)
    assert (would.invited, would.again, would.is_dry_run) == (2, 1, True)
    assert Invitation.objects.count() == 1
    assert not Message.objects.exists()
    done = invite()
    assert (done.invited, done.again) == (2, 1)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_pin2_goes_by_sms_in_one_part_and_never_by_email(
    invite: Inviting, make_pair: MakePair, make_registration: Register, language: str
) -> None:
    make_pair()
    registration = make_registration(email="jana@example.cz", language=language)
    invite()
    sms = Message.objects.get(channel="SMS")
    email = Message.objects.get(channel="EMAIL")
    found = re.search(r"\d{4} \d{4}", sms.text)
    assert found
    pin2 = found[0].replace(" ", "")
    assert log_in(login=str(registration.phone), pin2=pin2, now=NOW).invitation.registration == registration
    assert (sms.is_secret, sms.lane) == (True, Message.Lane.BULK)
    assert gsm7.parts(sms.text) == 1
    assert "/rezervace/" in sms.text
    assert " 25.1. " in sms.text
    assert not re.search(r"\d{4} ?\d{4}(?!\d)", email.text.replace(registration.number, ""))


def test_a_batch_takes_as_many_queries_as_one_person(
    invite: Inviting, make_pair: MakePair, make_registration: Register, site: VaccinationSite
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert invite().invited
        return len(captured)

    make_pair(capacity=50)
    make_registration(sites=(site,))
    folding.fold(now=NOW)
    few = queries()
    for _ in range(30):
        make_registration(sites=(site,))
    assert queries() == few


def test_beat_invites_the_group_with_the_highest_score_first(
    make_pair: MakePair, make_registration: Register, settings: object
) -> None:
    settings.INVITATIONS_PER_RUN = 2  # type: ignore[attr-defined]
    # Tasks use the clock of the machine, so the seats must be in its future.
    make_pair(3000, capacity=9)
    late = make_registration(birth_date=date(1958, 1, 1))
    high = make_registration(birth_date=date(1990, 1, 1), claims={"care-home-clients": "PENDING"})
    make_registration(birth_date=date(1959, 1, 1))
    assert tasks.invite() == 2
    assert invited() == [high.pk, late.pk]


def test_of_one_score_the_oldest_come_first_whatever_their_group(make_pair: MakePair) -> None:
    make_pair(capacity=9)
    young = make_registration(birth_date=date(1985, 1, 1))
    old = make_registration(birth_date=date(1975, 1, 1))
    middle = make_registration(birth_date=date(1980, 1, 1))
    invitations.invite(limit=9, now=NOW)
    assert invited() == [old.pk, middle.pk, young.pk]


def test_whoever_fits_two_groups_comes_with_the_one_that_is_invited_first(make_pair: MakePair) -> None:
    make_pair(capacity=9)
    make_rule("care-home-clients", valid_from=NOW - timedelta(hours=1), invites_from=NOW + timedelta(hours=1))
    at_home = make_registration(birth_date=date(1960, 1, 1), claims={"care-home-clients": "PENDING"})
    older = make_registration(birth_date=date(1959, 1, 1))
    carer = make_registration(birth_date=date(1990, 1, 1), claims={"carers": "PROVEN"})
    unproven = make_registration(birth_date=date(1989, 1, 1), claims={"carers": "PENDING"})
    invitations.invite(limit=9, now=NOW)
    assert invited() == [carer.pk, older.pk, at_home.pk, unproven.pk]


def test_a_group_is_invited_at_its_moment_and_not_a_second_before(make_pair: MakePair) -> None:
    make_pair(day=9, capacity=9)
    DoseRule.objects.filter(vaccine="comirnaty", dose_number=1).update(youngest_age=5)
    eight = (NOW + timedelta(days=1)).replace(hour=8)
    make_rule("age-5", valid_from=NOW, registers_from=NOW, invites_from=eight)
    make_registration(birth_date=date(2018, 1, 1))
    assert invitations.invite(limit=9, now=eight - timedelta(seconds=1)).invited == 0
    assert invitations.invite(limit=9, now=eight).invited == 1


def test_beat_looks_at_whole_minutes() -> None:
    assert project.CELERY_BEAT_SCHEDULE["next-invitations"]["schedule"] == crontab()


def test_whoever_cannot_come_is_not_invited(make_pair: MakePair) -> None:
    make_pair(capacity=9)
    make_registration(is_immobile=True)
    assert invitations.invite(limit=9, now=NOW).invited == 0


def test_people_without_a_mobile_are_invited_where_their_address_is_known_and_have_longer(make_pair: MakePair) -> None:
    make_pair(capacity=9)
    by_letter = make_registration(phone="", by_letter=True)
    nowhere = make_registration(phone="", by_letter=True)
    Person.objects.filter(pk=nowhere.person_id).update(street="")
    invitations.invite(limit=9, now=NOW)
    assert invited() == [by_letter.pk]
    assert Invitation.objects.get().expires_at == (NOW + timedelta(days=21)).replace(hour=20)


# --- the commands -----------------------------------------------------------------------------------


def test_the_command_says_what_it_did(make_pair: MakePair, make_registration: Register, group: PriorityGroup) -> None:
    make_pair(3000, capacity=2)
    make_registration()
    for options, said in ((["--dry-run"], "invite: dry run, nothing is written"), ([], "invite: done")):
        out = StringIO()
        call_command("invite", "--group", "age-80", "--limit", "5", *options, stdout=out)
        told = " ".join(out.getvalue().split())
        assert said in told
        assert "CZ010 1" in told
        assert "people invited 1 of them again (PIN2 ran out) 0" in told


def test_the_command_refuses_what_it_does_not_know(group: PriorityGroup) -> None:
    for options in (
        ["--group", "nobody", "--limit", "1"],
        ["--group", "age-80", "--limit", "0"],
        ["--group", "age-80", "--limit", "1", "--region", "XX"],
    ):
        with pytest.raises(CommandError):
            call_command("invite", *options)
    make_rule("age-80", valid_from=NOW - timedelta(days=300), registers_from=None, invites_from=None)
    with pytest.raises(CommandError, match="not invited"):
        call_command("invite", "--group", "age-80", "--limit", "1")


def test_nobody_is_invited_to_seats_for_people_of_another_age(
    make_slot: Make, make_registration: Register, site: VaccinationSite
) -> None:
    DoseRule.objects.filter(vaccine="comirnaty", dose_number=1).update(youngest_age=5)
    make_rule("age-5", valid_from=NOW, registers_from=NOW, invites_from=NOW)
    for day, for_doses in ((1, "FIRST"), (22, "SECOND")):
        make_slot(day, for_doses=for_doses, capacity=1, youngest_age=5, oldest_age=11)
        make_slot(day, "10:00", for_doses, capacity=1, youngest_age=60)
    child, _ = make_registration(birth_date=date(2018, 1, 1)), make_registration(birth_date=date(2018, 2, 1))
    make_registration(birth_date=date(1990, 1, 1))
    old = make_registration(birth_date=date(1950, 1, 1), sites=(site,))
    assert invitations.invite(limit=9, now=NOW).invited == 2
    assert invited() == [old.pk, child.pk]
    # What was promised to them is not promised again, whatever else is free.
    make_slot(2, for_doses="FIRST", youngest_age=60), make_slot(23, for_doses="SECOND", youngest_age=60)
    folding.fold(now=NOW)
    assert rooms(NOW)[0].by_region() == {"CZ010": 1}
    assert invitations.invite(limit=9, now=NOW).invited == 0


def test_a_site_of_no_known_district_has_room_in_its_region(
    invite: Inviting, make_slot: Make, make_registration: Register
) -> None:
    site = make_site("X", district_id=None, region_id="CZ020")
    for place in (site, make_site("Brno", district="CZ0642")):
        make_slot(1, "09:00", "FIRST", site=place)
        make_slot(22, "09:00", "SECOND", site=place)
    make_registration(sites=(site,))
    make_registration(sites=(site,))
    assert invite().by_region == {"CZ020": 1}
    assert invite().invited == 0
    waiting_summary.refresh(now=NOW)
    assert set(waiting_summary.figures([], NOW).waiting) == {Waiting(date(1940, 5, 1), frozenset(), "CZ020", 1)}
