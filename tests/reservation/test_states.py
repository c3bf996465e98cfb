"""Walks the tables of docs/states.md: for reservations and invitations by doing, for the others by the code's own."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.db.models import F, TextChoices

from certificates.models import Certificate, IssueRequest
from crs.errors import DomainError
from crs.messaging import callbacks
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from logistics.sites import states as sites
from registration.models import PriorityClaim, PriorityGroup, RegisterCheck, Registration
from reservation import receivers
from reservation.arranging import arrangements
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, PlannedMove, Replan, Reservation, Slot, SubstituteOffer
from reservation.moving import moving
from reservation.reserving import booking
from reservation.slots import check
from support.models import Letter, SharedAnswerTicket, Ticket
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair
from vaccination.models import AdverseEvent, Dose, Visit

pytestmark = pytest.mark.django_db


LATER = NOW + timedelta(minutes=11)

DOCUMENT = settings.BASE_DIR / "docs" / "states.md"
# How a table says that there was nothing before.
BEGINNING = "–"


@dataclass(frozen=True)
class Row:
    """A change that a table allows: from a state to another, by operations, and who decides where it says so."""

    start: str
    end: str
    operations: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Machine:
    """A chapter of the document: the module or the folder that it names, its text and the rows of its table."""

    place: str
    text: str
    rows: tuple[Row, ...]


def machine(name: str) -> Machine:
    """The chapter `name`; a row that allows several starts or ends becomes one for each."""
    pattern = rf"^## {name} \(`([^`]+)`[^\n]*\)\n(.*?)(?=^## |\Z)"
    found = re.search(pattern, DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert found, name
    place, text = found.groups()
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| from ")]
    rows = []
    for line in lines:
        starts, ends, by, _when = (cell.strip() for cell in line.strip("|").split("|"))
        operations = tuple(re.findall(r"`([\w.]+)`", by))
        rows += [Row(start, end, operations, by) for start in starts.split(", ") for end in ends.split(", ")]
    return Machine(place, text, tuple(rows))


def _confirm(reservation: Reservation, other: Slot) -> None:
    booking.confirm(reservation_id=reservation.pk, registration_id=reservation.registration_id, now=NOW)


def _release(reservation: Reservation, other: Slot) -> Any:
    return booking.release(reservation_id=reservation.pk, registration_id=reservation.registration_id)


def _sweep(reservation: Reservation, other: Slot) -> Any:
    return booking.release_expired(now=LATER)


def _choose_another_time(reservation: Reservation, other: Slot, now: datetime = NOW) -> Any:
    invitation = reservation.registration.invitations.get()
    return booking.hold(invitation_id=invitation.pk, slot_id=other.pk, now=now)


def _choose_too_late(reservation: Reservation, other: Slot) -> Any:
    return _choose_another_time(reservation, other, LATER)


def _seat_today(reservation: Reservation, other: Slot, now: datetime = NOW) -> Any:
    return arrangements.seat_today(
        registration=reservation.registration,
        site=other.site,
        vaccine=other.vaccine,
        dose_number=1,
        now=now,
        over_reason="came",
    )


def _seat_today_too_late(reservation: Reservation, other: Slot) -> Any:
    return _seat_today(reservation, other, LATER)


def _book_next(reservation: Reservation, other: Slot, now: datetime = NOW) -> Any:
    return arrangements.book_next(registration=reservation.registration, dose_number=1, slot_id=other.pk, now=now)


def _book_next_too_late(reservation: Reservation, other: Slot) -> Any:
    return _book_next(reservation, other, LATER)


def _miss(reservation: Reservation, other: Slot) -> Any:
    first = reservation.appointments.get(dose_number=1)
    return arrangements.miss(appointment=first, now=first.slot.starts_at)


def _miss_all(reservation: Reservation, other: Slot) -> Any:
    first = reservation.appointments.get(dose_number=1)
    return arrangements.miss_all(appointments=[first], now=first.slot.starts_at)


def _fulfil(reservation: Reservation, other: Slot) -> Any:
    return arrangements.fulfil(appointment_id=reservation.appointments.get(dose_number=1).pk)


def _unfulfil_another_day(reservation: Reservation, other: Slot) -> Any:
    first = reservation.appointments.get(dose_number=1)
    arrangements.fulfil(appointment_id=first.pk)
    return arrangements.unfulfil(appointment_id=first.pk, is_over=True)


def _seat_back(reservation: Reservation, other: Slot) -> Any:
    first = reservation.appointments.get(dose_number=1)
    reservation.refresh_from_db()
    if reservation.state == "CONFIRMED":  # as a check-in makes it: with this dose alone
        Reservation.objects.filter(pk=reservation.pk).update(is_by_staff=True)
        second = reservation.appointments.get(dose_number=2)
        Slot.objects.filter(pk=second.slot_id).update(booked=F("booked") - 1)
        second.delete()
    return arrangements.seat_back(appointment_id=first.pk, slot_id=None)


def _end_registration(reservation: Reservation, other: Slot, now: datetime = NOW) -> Any:
    return receivers.on_ended(registration_id=reservation.registration_id, now=now)


def _end_too_late(reservation: Reservation, other: Slot) -> Any:
    reservation.refresh_from_db()
    if reservation.state == "HELD":
        _end_registration(reservation, other, now=NOW + timedelta(hours=1))


def _cancel(reservation: Reservation, other: Slot) -> Any:
    return moving.cancel(registration_id=reservation.registration_id, now=NOW)


def _complete_elsewhere(reservation: Reservation, other: Slot) -> Any:
    return arrangements.release_series(registration_id=reservation.registration_id, after=0, now=NOW)


@dataclass(frozen=True)
class Act:
    """What somebody does: an operation of the table, and the state it aims at where it has several."""

    operation: str
    do: Callable[[Reservation, Slot], Any]
    aim: str = ""


ACTS = {
    "confirm": Act("confirm", _confirm),
    "release": Act("release", _release),
    "sweep": Act("release_expired", _sweep),
    "choose another time": Act("hold", _choose_another_time, aim="CANCELLED"),
    "choose too late": Act("hold", _choose_too_late, aim="EXPIRED"),
    "get a seat of today": Act("arrangements.seat_today", _seat_today, aim="CANCELLED"),
    "get a seat of today too late": Act("arrangements.seat_today", _seat_today_too_late, aim="EXPIRED"),
    "get a time by staff": Act("arrangements.book_next", _book_next, aim="CANCELLED"),
    "get a time by staff too late": Act("arrangements.book_next", _book_next_too_late, aim="EXPIRED"),
    "miss the first dose": Act("arrangements.miss", _miss),
    "miss the first dose, with others": Act("arrangements.miss_all", _miss_all),
    "be seated by mistake": Act("arrangements.seat_back", _seat_back),
    "end the registration": Act("receivers.on_ended", _end_registration, aim="CANCELLED"),
    "end it once the hold has run out": Act("receivers.on_ended", _end_too_late, aim="EXPIRED"),
    "give the times back": Act("moving.cancel", _cancel),
    "get all doses under another record": Act("arrangements.release_series", _complete_elsewhere),
    "get the first dose": Act("arrangements.fulfil", _fulfil),
    "get the first dose by mistake": Act("arrangements.unfulfil", _unfulfil_another_day, aim="MISSED"),
}


def documented(act: Act, state: str) -> set[str]:
    """The states to which the table lets `act` lead from `state`; none: it changes nothing."""
    rows = [row for row in machine("Reservation").rows if row.start == state and act.operation in row.operations]
    return {row.end for row in rows if act.aim in ("", row.end)}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", Reservation.State.values)
def test_a_reservation_changes_only_as_the_table_says(
    make_pair: MakePair, make_invitation: Invite, state: str, act: str
) -> None:
    first, second = make_pair()
    other, _ = make_pair(2)
    held = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    reservation = Reservation.objects.select_related("registration").get(pk=held.reservation_id)
    assert reservation.state in {row.end for row in machine("Reservation").rows if row.start == BEGINNING}
    reach = {"CONFIRMED": (_confirm,), "CANCELLED": (_release,), "EXPIRED": (_sweep,), "MISSED": (_confirm, _miss)}
    for step in reach.get(state, ()):
        step(reservation, other)
    allowed = documented(ACTS[act], state)
    try:
        ACTS[act].do(reservation, other)
    except DomainError:
        assert not allowed
    reservation.refresh_from_db()
    assert {reservation.state} == (allowed or {state})
    assert check.wrong_counters() == []
    if not Reservation.objects.filter(is_by_staff=True).exists():
        seats = 1 if reservation.state in Reservation.HOLDING_SEATS else 0
        assert {Slot.objects.get(pk=slot.pk).booked for slot in (first, second)} == {seats}


def test_every_change_of_the_table_of_reservations_is_walked() -> None:
    rows = machine("Reservation").rows
    walked = {
        (state, end, act.operation)
        for act in ACTS.values()
        for state in Reservation.State.values
        for end in documented(act, state)
    }
    changes = {(row.start, row.end, name) for row in rows if row.start != BEGINNING for name in row.operations}
    assert walked == changes
    assert operations_of(booking) == {name for row in rows for name in row.operations if "." not in name}


def operations_of(module: ModuleType) -> set[str]:
    return {
        name
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and not name.startswith("_")
    }


def _move_to_one_dose(one: Appointment, other: Slot) -> None:
    """All doses move to a vaccine that needs the first one alone."""
    values = {"site": other.site, "starts_at": NOW + timedelta(days=5), "vaccine_id": "janssen", "for_doses": "FIRST"}
    single = Slot.objects.get_or_create(**values, defaults={"capacity": 100})[0]
    moving.move(registration_id=one.reservation.registration_id, dose=1, slot_id=single.pk, now=NOW)


def _cancel_after_the_first_dose(one: Appointment, other: Slot) -> None:
    arrangements.fulfil(appointment_id=Appointment.objects.get(reservation=one.reservation_id, dose_number=1).pk)
    moving.cancel(registration_id=one.reservation.registration_id, now=NOW)


STEPS: dict[str, Callable[[Appointment, Slot], Any]] = {
    "fulfil": lambda one, other: arrangements.fulfil(appointment_id=one.pk),
    "unfulfil": lambda one, other: arrangements.unfulfil(appointment_id=one.pk, is_over=False),
    "unfulfil on another day": lambda one, other: arrangements.unfulfil(appointment_id=one.pk, is_over=True),
    "release_series": lambda one, other: arrangements.release_series(
        registration_id=one.reservation.registration_id, after=1, now=NOW
    ),
    "miss": lambda one, other: arrangements.miss(appointment=one, now=one.slot.starts_at),
    "miss_all": lambda one, other: arrangements.miss_all(appointments=[one], now=one.slot.starts_at),
    "move": lambda one, other: arrangements.move(appointment=one, slot_id=other.pk, now=NOW),
    "book_next": lambda one, other: arrangements.book_next(
        registration=one.reservation.registration, dose_number=one.dose_number, slot_id=other.pk, now=NOW
    ),
    "seat_back": lambda one, other: arrangements.seat_back(appointment_id=one.pk, slot_id=None),
    "seat_back to a slot": lambda one, other: arrangements.seat_back(appointment_id=one.pk, slot_id=other.pk),
    "moving.move": lambda one, other: moving.move(
        registration_id=one.reservation.registration_id, dose=one.dose_number, slot_id=other.pk, now=NOW
    ),
    "moving.move to one dose": _move_to_one_dose,
    "moving.cancel": _cancel_after_the_first_dose,
    "seat_today": lambda one, other: arrangements.seat_today(
        registration=one.reservation.registration,
        site=other.site,
        vaccine=other.vaccine,
        dose_number=one.dose_number,
        now=NOW,
        over_reason="came",
    ),
}


def test_an_appointment_changes_only_as_the_table_says_and_in_every_way_that_it_says(
    make_pair: MakePair, make_invitation: Invite
) -> None:
    """The second dose, for a first one that was missed ends the reservation."""
    rows = [row for row in machine("Appointment").rows if row.start != BEGINNING]
    seen = set()
    for number, (state, step) in enumerate(product(Appointment.State.values, STEPS)):
        first, _ = make_pair(1, f"{8 + number // 4:02}:{number % 4 * 15:02}")
        _, other = make_pair(9, f"{8 + number // 4:02}:{number % 4 * 15:02}")
        held = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
        reservation = Reservation.objects.get(pk=held.reservation_id)
        _confirm(reservation, other)
        appointment = reservation.appointments.select_related("slot", "reservation__registration").get(dose_number=2)
        if state != "BOOKED":
            STEPS["fulfil" if state == "FULFILLED" else "miss"](appointment, other)
        try:
            STEPS[step](appointment, other)
        except DomainError:
            pass
        found = Appointment.objects.filter(pk=appointment.pk).first()
        ended = found.state if found else BEGINNING
        if ended != state:
            seen.add((state, ended, step.partition(" ")[0]))
    assert seen == {(row.start, row.end, name) for row in rows for name in row.operations}
    changing = operations_of(arrangements) - {"renumber"}
    assert changing == {name for row in machine("Appointment").rows for name in row.operations if "." not in name}
    assert check.wrong_counters() == []


def state_of(invitation: Invitation) -> str:
    return "revoked" if invitation.revoked_at else "valid"


def test_an_invitation_is_valid_then_out_of_time_then_replaced(
    make_pair: MakePair, make_registration: Callable[..., Registration], group: PriorityGroup
) -> None:
    make_pair(20)
    make_registration()
    assert invitations.invite(group=group, limit=1, now=NOW).invited == 1
    invitation = Invitation.objects.get()
    seen = {(BEGINNING, state_of(invitation))}
    while_valid, after = NOW + timedelta(days=14), NOW + timedelta(days=15)
    assert invitations.invite(group=group, limit=1, now=while_valid).invited == 0
    assert invitations.invite(group=group, limit=1, now=after).again == 1
    invitation.refresh_from_db()
    assert invitation.revoked_at == after
    seen.add(("valid", state_of(invitation)))
    # What is replaced stays so.
    invitations.invite(group=group, limit=1, now=after + timedelta(days=3))
    invitation.refresh_from_db()
    assert invitation.revoked_at == after
    assert {(row.start, row.end) for row in machine("Invitation").rows} == seen
    assert {row.operations for row in machine("Invitation").rows} == {("invite",)}


MACHINES: dict[str, type[TextChoices] | None] = {
    "Site": VaccinationSite.State,
    "Dispatch": None,
    "Registration": Registration.State,
    "Claim of another telephone": None,
    "Check with a register": RegisterCheck.State,
    "Rule of a group": None,
    "Reminder of an opening": None,
    "Priority claim": PriorityClaim.State,
    "Request to line 1221": None,
    "Joined records": None,
    "Invitation of staff": None,
    "Invitation": None,
    "Pause of invitations": None,
    "Reservation": Reservation.State,
    "Offered time": None,
    "Appointment": Appointment.State,
    "Closure": None,
    "Affected appointment": None,
    "Call to substitutes": None,
    "Offer to a substitute": SubstituteOffer.Answer,
    "Re-planning": Replan.State,
    "Planned move": PlannedMove.State,
    "Visit": Visit.State,
    "Dose": Dose.State,
    "Adverse event": AdverseEvent.State,
    "Message": Message.State,
    "Vial session": None,
    "Day": None,
    "Request for a certificate": IssueRequest.State,
    "Certificate": Certificate.State,
    "Ticket": Ticket.State,
    "Letter that came in": Letter.State,
    "SharedAnswerTicket": SharedAnswerTicket.State,
}


def test_every_chapter_of_the_document_is_known_here() -> None:
    assert re.findall(r"^## ([^(\n]+) \(", DOCUMENT.read_text(), re.MULTILINE) == list(MACHINES)


@pytest.mark.parametrize("name", [name for name, states in MACHINES.items() if states])
def test_the_document_knows_the_states_of_the_code_and_no_others(name: str) -> None:
    chapter, states = machine(name), MACHINES[name]
    assert states
    assert {state for row in chapter.rows for state in (row.start, row.end)} - {BEGINNING} <= set(states.values)
    assert {state for state in states.values if re.search(rf"\b{state}\b", chapter.text)} == set(states.values)


@pytest.mark.parametrize("name", MACHINES)
def test_every_operation_that_a_table_names_exists(name: str) -> None:
    """`name` stands in the module of the chapter, `module.name` beside it, in its room or in a subject of its room."""
    chapter = machine(name)
    beside, _, file = chapter.place.rpartition("/")
    room = settings.BASE_DIR / beside.partition("/")[0]
    subjects = sorted(f"{room.name}.{folder.parent.name}" for folder in room.glob("*/__init__.py"))
    folders = [beside.replace("/", "."), room.name, *subjects]
    for operation in {operation for row in chapter.rows for operation in row.operations}:
        module, _, function = operation.rpartition(".")
        paths = [f"{folder}.{module or file.removesuffix('.py')}" for folder in folders]
        found = [import_module(path) for path in paths if is_module(path)]
        assert any(callable(getattr(one, function, None)) for one in found), operation


def is_module(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except ModuleNotFoundError:
        return False


def test_the_table_of_sites_is_the_one_of_the_code() -> None:
    rows = [row for row in machine("Site").rows if row.start != BEGINNING]
    assert {(row.start, row.end) for row in rows if "ministry" in row.text} == {
        (start, end) for start, ends in sites.TRANSITIONS.items() for end in ends
    }
    assert {(row.start, row.end) for row in rows if "manager" in row.text} == sites.RUNNING


def test_the_reports_of_a_provider_change_only_what_the_table_of_messages_says() -> None:
    seen = set()
    for start in set(Message.State) - {Message.State.PRINTED, Message.State.POSTED}:  # letters have no provider
        for reported in (Message.State.DELIVERED, Message.State.FAILED):
            message = Message.objects.create(
                channel="SMS", recipient="+420601234567", template="x/y", language="cs", state=start, provider_id="SM1"
            )
            callbacks.record(provider_id="SM1", state=reported, now=NOW)
            message.refresh_from_db()
            if message.state != start:
                seen.add((start.value, message.state))
            message.delete()
    rows = [row for row in machine("Message").rows if "callbacks.record" in row.operations]
    assert {(row.start, row.end) for row in rows} == seen
