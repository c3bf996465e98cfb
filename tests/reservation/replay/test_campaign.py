"""The campaign replayed: what was taken is taken, whoever kills it, and nobody who lives is touched."""

import io
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Self

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crs.advisory_locks import Lock, hold_shared_if_free, release
from crs.embedded.paths import ROOT
from crs.messaging.models import Message
from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration
from reservation.management.commands import replay_campaign
from reservation.models import Appointment, Reservation, Slot
from reservation.replay import calendars, campaign, proof, seats_taken
from reservation.replay.campaign import Plan, Progress
from reservation.replay.errors import AlreadyReplaying, NothingToReplay, WorkerFailed
from reservation.replay.seats_taken import Place
from reservation.replay.workers import Crew, Done
from tests.factories import make_registration
from tests.reservation.replay.conftest import FEBRUARY, JANUARY, ONE, THREE, TWO, Write
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Here:
    """The crew's work done in this process at once; the processes themselves have a test of their own."""

    def __init__(self, processes: int) -> None:
        self.done: list[Done] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def give(self, work: Any) -> Iterator[Done]:
        """Do it."""
        yield Done(work(), "", 0.01)

    def rest(self) -> Iterator[Done]:
        """Nothing is left."""
        yield from ()


@pytest.fixture
def in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "Crew", Here)


def booked() -> dict[tuple[str, Any, str], int]:
    """Booked seats by day, site and calendar, those with any."""
    seats = calendars.seats_of(Vaccine.objects.get(pk="comirnaty"))
    return {
        (str(place.day), place.site_id, place.for_doses): kept.booked for place, kept in seats.items() if kept.booked
    }


def replay(folder: Path, **changed: Any) -> campaign.Replay:
    return campaign.replay(Plan(folder, **({"processes": 1} | changed)), Progress())


@pytest.mark.usefixtures("in_one_process")
def test_what_was_taken_is_taken_each_first_dose_with_its_second_and_a_second_run_finds_nothing_to_do(
    folder: Path, write: Write
) -> None:
    done = replay(folder)
    assert (done.to_take, done.taken, done.is_whole) == (50 + 8 + 4 + 60 + 7 + 15, 50 + 8 + 4 + 60 + 7 + 15, True)
    assert booked() == {
        ("2021-01-18", ONE, "FIRST"): 50,
        ("2021-01-18", TWO, "FIRST"): 8,
        ("2021-01-19", THREE, "ANY"): 4,
        ("2021-02-08", ONE, "SECOND"): 60,  # fifty of January, ten who had the first dose elsewhere
        ("2021-02-08", TWO, "SECOND"): 8,  # opened: no file tells of them
        ("2021-02-09", THREE, "ANY"): 7,
        ("2021-02-10", ONE, "FIRST"): 15,
        ("2021-03-02", THREE, "SECOND"): 3,  # of the three who came on 9 February beside the four of January
        ("2021-03-03", ONE, "SECOND"): 15,
    }
    assert done.opened == 8 + 3 + 15
    assert Reservation.objects.filter(state="CONFIRMED").count() == 50 + 8 + 4 + 10 + 3 + 15 == done.pace.people
    assert not Reservation.objects.exclude(state="CONFIRMED").exists()
    assert all(promise.is_kept for promise in proof.prove(now=done.until))
    # The site that no list names is open; each person was told once and nobody could be.
    assert VaccinationSite.objects.get(pk=THREE).region_id == "CZ010"
    told = Message.objects.filter(template="reservation/confirmed")
    assert told.count() == told.values("reference").distinct().count() == done.pace.people
    assert all(message.recipient.startswith("+4201") for message in told)
    # At that time people of 80 were invited.
    assert max(one.person.birth_date for one in Registration.objects.select_related("person")) < date(1941, 2, 11)

    before = Counter(Appointment.objects.values_list("slot_id", flat=True))
    again = replay(folder)
    assert (again.pace.people, again.taken, again.is_whole) == (0, done.taken, True)
    assert Counter(Appointment.objects.values_list("slot_id", flat=True)) == before
    # A later month goes on where the others ended: its seats are those for which second doses were opened before.
    write("2021-03", [("2021-03-03", ONE, 18, 0, "V2")])
    more = replay(folder)
    assert (more.taken_before, more.taken, more.pace.people) == (done.taken + 15, done.taken + 18, 3)


def test_a_killed_replay_goes_on_where_it_stopped_in_several_processes(folder: Path, write: Write) -> None:
    environment = {**os.environ, "EMBEDDED_DATABASE": connection.settings_dict["NAME"]}
    command = [sys.executable, "manage.py", "replay_campaign", str(folder), "--workers", "2"]
    killed = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        second_day = Slot.objects.filter(day=date(2021, 1, 19))
        wait_until(second_day.exists, "there are times", seconds=240, pause=0.01)
        # It cannot go on to the days after that before it is killed, however late that is on a busy machine.
        with transaction.atomic():
            assert list(second_day.select_for_update(no_key=True))
            wait_until(lambda: Reservation.objects.filter(state="CONFIRMED").exists(), "somebody reserved", pause=0.01)
            killed.send_signal(signal.SIGKILL)
    finally:
        killed.kill()
        killed.wait()
    # Whatever its processes had begun is done, and they are gone; else this would be refused.
    rest = replay(folder, processes=2)
    assert 0 < rest.pace.people < 50 + 8 + 4 + 10 + 3 + 15
    assert rest.taken == rest.to_take
    assert booked()["2021-01-18", ONE, "FIRST"] == 50
    assert all(promise.is_kept for promise in proof.prove(now=rest.until))
    with Crew(1) as crew:
        list(crew.rest())
        list(crew.give(_fail))
        with pytest.raises(WorkerFailed, match="ZeroDivisionError"):
            list(crew.rest())


def _fail() -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("in_one_process")
def test_nobody_takes_a_time_before_the_portal_opened_and_as_many_more_come_later(write: Write) -> None:
    # Invitations began on 15 January at 8.
    folder = write("2021-01", [("2021-01-15", ONE, 34, 0, "V1"), ("2021-01-16", ONE, 60, 20, "V1")])
    done = replay(folder)
    assert done.taken == done.to_take == 74
    early = Slot.objects.filter(site=ONE, day=date(2021, 1, 15), wall_time__lte="08:00")
    assert sum(early.values_list("capacity", flat=True)) > 0
    assert not any(early.values_list("booked", flat=True))
    assert done.on_other_days == sum(early.values_list("capacity", flat=True))


@pytest.mark.usefixtures("in_one_process")
def test_a_share_and_a_month_are_part_of_it_and_time_ends_it(folder: Path) -> None:
    done = replay(folder, share=0.1, months=["2021-01"])
    assert (done.to_take, done.taken) == (6, 6)
    late = replay(folder, seconds=0)
    assert (late.is_whole, late.pace.people) == (False, 0)
    with pytest.raises(NothingToReplay):
        replay(folder, months=["2021-01", "2021-08"])
    with pytest.raises(NothingToReplay):
        replay(folder / "nothing")


def test_a_row_that_cannot_be_used_is_told_and_takes_nothing(write: Write) -> None:
    folder = write(
        "2021-01",
        [
            *JANUARY[:1],
            ("2021-01-18", ONE, 7, 0, "V1"),
            ("2021-01-20", ONE, 5, 6, "V1"),
            ("2021-01-20", TWO, 5, "-1", "V1"),
            ("2021-13-20", TWO, 5, 1, "V1"),
            ("2021-01-20", TWO, 5, 1, "V9"),
        ],
    )
    told = seats_taken.read(seats_taken.files(folder))
    assert told.taken == {Place(ONE, date(2021, 1, 18), "FIRST"): 50}
    assert [problem.line for problem in told.problems] == [3, 4, 5, 6, 7]
    assert "more seats are free" in told.problems[1].reason


def test_it_is_refused_where_somebody_lives_where_messages_are_real_and_beside_another_one(
    folder: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "SECONDS_TO_END", 0)
    settings.SMS_GATEWAY = "crs.messaging.gateways.twilio.TwilioGateway"
    with pytest.raises(CommandError, match="real SMS"):
        call_command("replay_campaign", str(folder), "--yes")
    settings.SMS_GATEWAY = "crs.messaging.gateways.inbox.InboxGateway"
    settings.IS_LOCAL = False
    with pytest.raises(CommandError, match="add --yes"):
        call_command("replay_campaign", str(folder))
    # Another connection has the lock of a replay.
    connection.close()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s, 0)", [Lock.CAMPAIGN])
        with pytest.raises(AlreadyReplaying):
            replay(folder)
        cursor.execute("SELECT pg_advisory_unlock_shared(%s, 0)", [Lock.CAMPAIGN])
    other.close()
    assert hold_shared_if_free(Lock.CAMPAIGN)
    release(Lock.CAMPAIGN)
    make_registration()
    with pytest.raises(CommandError, match="not made up"):
        call_command("replay_campaign", str(folder), "--yes")
    assert not Slot.objects.exists()


@pytest.mark.parametrize("option", ["--share=0", "--share=2", "--share=x", "--months=2021-13", "--workers=65"])
def test_options_of_no_use_are_refused(folder: Path, option: str) -> None:
    with pytest.raises(CommandError):
        call_command("replay_campaign", str(folder), option)


@pytest.mark.usefixtures("in_one_process")
def test_the_command_draws_a_bar_proves_and_says_how_fast_it_was(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_campaign, "SECONDS_BETWEEN_PROGRESS", 0)
    folder = write("2021-02", [*FEBRUARY, ("2021-02-10", TWO, 1, 2, "V1")])
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    call_command("replay_campaign", str(folder), "--share", "0,5", stderr=terminal)
    out, err = capsys.readouterr()[0], terminal.getvalue()
    assert "done, and every promise is kept" in out
    assert "last tenth / first tenth" in out
    assert f"\r{replay_campaign.ERASE_LINE}[{'#' * 30}] 100.0 %, seats taken: 41 of 41, " in err
    assert "\nreservation-capacity-2021-02.csv, line 5: " in err
    call_command("check_promises")
    assert "every promise is kept" in capsys.readouterr().out
