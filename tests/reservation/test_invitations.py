"""Whose turn it is, and how many may come."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from crs.messaging import gsm7
from crs.messaging.models import Message
from logistics.models import Region, VaccinationSite
from registration.models import PriorityGroup, Registration
from reservation import booking, errors, invitations, tasks
from reservation.dose_pairing import FreeSeats, SeatCalendar, bookable, free_pairs
from reservation.logging_in import log_in
from reservation.models import Invitation, Slot
from tests.reservation.conftest import NOW

pytestmark = pytest.mark.django_db

MakePair = Callable[..., tuple[Slot, Slot]]
MakeSite = Callable[..., VaccinationSite]
Register = Callable[..., Registration]
Invite = Callable[..., Invitation]


@pytest.fixture
def issue(group: PriorityGroup) -> Callable[..., invitations.Issue]:
    return partial(invitations.issue, group=group, limit=100, now=NOW)


Issue = Callable[..., invitations.Issue]


def invited() -> list[int]:
    return list(Invitation.objects.order_by("pk").values_list("registration_id", flat=True))


def test_the_oldest_come_first_then_who_registered_earlier(
    issue: Issue, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(capacity=3)
    young = make_registration(birth_date=date(1946, 1, 1), created_at=NOW - timedelta(days=9))
    late = make_registration(birth_date=date(1930, 1, 1), created_at=NOW)
    early = make_registration(birth_date=date(1930, 1, 1), created_at=NOW - timedelta(days=1))
    done = issue(limit=2)
    assert (done.invited, done.again, done.room) == (2, 0, 3)
    assert invited() == [early.pk, late.pk]
    issue(limit=2)
    assert invited() == [early.pk, late.pk, young.pk]


def test_nobody_is_invited_to_a_seat_that_is_not_there(
    issue: Issue, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(1, capacity=5, second=2)
    for _ in range(6):
        make_registration()
    assert issue().invited == 2
    assert issue().invited == 0
    make_pair(2, capacity=1)
    assert issue().invited == 1


def test_a_held_seat_is_not_promised_twice(issue: Issue, make_pair: MakePair, make_registration: Register) -> None:
    first, _ = make_pair(capacity=3)
    for _ in range(6):
        make_registration()
    assert issue().invited == 3
    booking.hold(invitation_id=Invitation.objects.latest("pk").pk, slot_id=first.pk, now=NOW)
    assert issue().invited == 0


def test_only_people_of_the_open_group_who_have_nothing_yet(
    issue: Issue, make_pair: MakePair, make_registration: Register, make_invitation: Invite
) -> None:
    first, _ = make_pair(capacity=9)
    make_invitation()
    make_registration(state="CANCELLED")
    other = PriorityGroup.objects.create(code="other", name_cs="x", name_en="x", basis="HEALTH", score=3, is_open=False)
    make_registration(group=other)
    reserved = make_invitation(expires_at=NOW + timedelta(minutes=1))
    booking.hold(invitation_id=reserved.pk, slot_id=first.pk, now=NOW)
    Invitation.objects.filter(pk=reserved.pk).update(expires_at=NOW)
    assert issue().invited == 0
    with pytest.raises(errors.GroupNotOpen):
        issue(group=other)


def test_who_let_pin2_run_out_is_invited_again_and_the_old_one_is_kept_as_history(
    issue: Issue, make_pair: MakePair, make_invitation: Invite
) -> None:
    make_pair(capacity=2)
    old = make_invitation(expires_at=NOW)
    done = issue()
    assert (done.invited, done.again) == (1, 1)
    old.refresh_from_db()
    assert old.revoked_at == NOW
    new = Invitation.objects.get(revoked_at=None)
    assert (new.registration_id, new.expires_at) == (old.registration_id, NOW + timedelta(days=14))


def test_people_go_where_they_prefer_and_only_if_there_is_room(
    issue: Issue, make_site: MakeSite, make_pair: MakePair, make_slot: Callable[..., Slot], make_registration: Register
) -> None:
    prague, brno = make_site("Praha"), make_site("Brno", region="CZ064")
    for place, capacity in ((prague, 2), (brno, 1)):
        make_slot(1, capacity=capacity, site=place)
        make_slot(22, capacity=capacity, site=place, for_doses="SECOND")
    in_brno = [make_registration(sites=(brno,)) for _ in range(3)]
    in_both = make_registration(sites=(brno, prague))
    anywhere = make_registration()
    done = issue()
    assert done.by_region == {"CZ064": 1, "CZ010": 2}
    assert invited() == [in_brno[0].pk, in_both.pk, anywhere.pk]
    assert issue().invited == 0


def test_with_a_region_only_people_who_prefer_a_site_there(
    issue: Issue, make_site: MakeSite, make_slot: Callable[..., Slot], make_registration: Register
) -> None:
    brno = make_site("Brno", region="CZ064")
    make_slot(1, capacity=9, site=brno)
    make_slot(22, capacity=9, site=brno, for_doses="SECOND")
    make_registration()
    wanted = make_registration(sites=(brno,))
    done = issue(region=Region.objects.get(pk="CZ064"))
    assert (done.room, invited()) == (9, [wanted.pk])


def test_promises_of_who_can_go_elsewhere_do_not_block_a_region(
    issue: Issue,
    make_site: MakeSite,
    make_slot: Callable[..., Slot],
    make_invitation: Invite,
    make_registration: Register,
) -> None:
    prague, brno = make_site("Praha"), make_site("Brno", region="CZ064")
    for place in (prague, brno):
        make_slot(1, site=place)
        make_slot(22, site=place, for_doses="SECOND")
    make_invitation(make_registration(sites=(brno, prague)))
    make_invitation(make_registration(sites=(brno,)))
    make_registration()
    assert issue().invited == 0


def test_a_dry_run_says_the_same_and_changes_nothing(
    issue: Issue, make_pair: MakePair, make_registration: Register, make_invitation: Invite
) -> None:
    make_pair(capacity=2)
    make_invitation(expires_at=NOW)
    make_registration()
    would = issue(is_dry_run=True)
    assert (would.invited, would.again, would.is_dry_run) == (2, 1, True)
    assert Invitation.objects.count() == 1
    assert not Message.objects.exists()
    done = issue()
    assert (done.invited, done.again) == (2, 1)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_pin2_goes_by_sms_in_one_part_and_never_by_email(
    issue: Issue, make_pair: MakePair, make_registration: Register, language: str
) -> None:
    make_pair()
    registration = make_registration(email="jana@example.cz", language=language)
    issue()
    sms = Message.objects.get(channel="SMS")
    email = Message.objects.get(channel="EMAIL")
    found = re.search(r"\d{4} \d{4}", sms.text)
    assert found
    pin2 = found[0].replace(" ", "")
    assert log_in(phone=str(registration.phone), pin2=pin2, now=NOW).invitation.registration == registration
    assert (sms.is_secret, sms.lane) == (True, Message.Lane.BULK)
    assert gsm7.parts(sms.text) == 1
    assert "/rezervace/" in sms.text
    assert "25.1.2027" in sms.text
    assert not re.search(r"\d{4} ?\d{4}(?!\d)", email.text.replace(registration.number, ""))


def test_a_batch_takes_as_many_queries_as_one_person(
    issue: Issue, make_pair: MakePair, make_registration: Register, site: VaccinationSite
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert issue().invited
        return len(captured)

    make_pair(capacity=50)
    make_registration(sites=(site,))
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
    low = PriorityGroup.objects.create(code="low", name_cs="x", name_en="x", basis="HEALTH", score=2, is_open=True)
    late = make_registration(group=low, birth_date=date(1920, 1, 1))
    high = make_registration()
    make_registration(group=low, birth_date=date(1950, 1, 1))
    assert tasks.issue_invitations() == 2
    assert invited() == [high.pk, late.pk]


def calendar(*days: tuple[int, int, int, int]) -> SeatCalendar:
    """Of 2027: the number of the day, seats for first, second and either dose."""
    start = date(2027, 1, 1)
    seats = [FreeSeats(start + timedelta(days=number), *free) for number, *free in days]
    return SeatCalendar("CZ010", uuid4(), "comirnaty", 2, 21, 42, seats)


def test_matching_pairs_takes_seats_for_one_dose_before_seats_for_both() -> None:
    assert free_pairs(calendar((0, 0, 0, 1), (21, 0, 1, 1), (42, 0, 1, 0))) == 2
    assert free_pairs(calendar((0, 5, 0, 0), (20, 0, 5, 0))) == 0
    assert free_pairs(calendar((0, 5, 0, 0), (21, 0, 2, 0), (42, 0, 2, 0), (43, 0, 2, 0))) == 4


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=60))
def test_never_more_pairs_than_seats(seats: list[tuple[int, int, int]]) -> None:
    free = calendar(*((number, *three) for number, three in enumerate(seats)))
    pairs = free_pairs(free)
    first, second, either = (sum(column) for column in zip(*seats, strict=True))
    assert pairs <= min(first + either, second + either, (first + second + either) // 2)
    assert pairs <= sum(bookable(free).values())
    assert bool(pairs) == bool(bookable(free))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_where_no_seat_serves_both_doses_no_pair_is_missed(seats: list[tuple[int, int]]) -> None:
    """Against the plain rule, seat by seat: each first dose takes the earliest second one it may."""
    left = [second for _, second in seats]
    expected = 0
    for number, (firsts, _) in enumerate(seats):
        for _ in range(firsts):
            for day in range(number + 21, min(number + 43, len(seats))):
                if left[day]:
                    left[day] -= 1
                    expected += 1
                    break
    assert free_pairs(calendar(*((number, *two, 0) for number, two in enumerate(seats)))) == expected


# --- the commands -----------------------------------------------------------------------------------


def test_the_command_says_what_it_did(make_pair: MakePair, make_registration: Register, group: PriorityGroup) -> None:
    make_pair(3000, capacity=2)
    make_registration()
    for options, said in ((["--dry-run"], "1 people would be invited"), ([], "1 people invited")):
        out = StringIO()
        call_command("issue_invitations", "--group", "age-80", "--limit", "5", *options, stdout=out)
        assert said in out.getvalue()
        assert "CZ010: 1" in out.getvalue()


def test_the_command_refuses_what_it_does_not_know(group: PriorityGroup) -> None:
    for options in (
        ["--group", "nobody", "--limit", "1"],
        ["--group", "age-80", "--limit", "0"],
        ["--group", "age-80", "--limit", "1", "--region", "XX"],
    ):
        with pytest.raises(CommandError):
            call_command("issue_invitations", *options)
    PriorityGroup.objects.update(is_open=False)
    with pytest.raises(CommandError, match="not open"):
        call_command("issue_invitations", "--group", "age-80", "--limit", "1")


def test_check_slots_names_every_wrong_counter(make_pair: MakePair, make_invitation: Invite) -> None:
    first, second = make_pair(capacity=5)
    booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    out = StringIO()
    call_command("check_slots", stdout=out)
    assert "2 slots checked" in out.getvalue()
    Slot.objects.filter(pk=second.pk).update(booked=3)
    with pytest.raises(CommandError, match="1 of 2"):
        call_command("check_slots", stdout=out)
    assert f"Slot {second.pk}, Nemocnice Motol" in out.getvalue()
    assert "the counter says 3, there are 1" in out.getvalue()
