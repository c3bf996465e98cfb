"""Publishing, the person's answer and undoing: each person once, nobody who acted is moved back."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.affected import affected
from reservation.arranging import arrangements
from reservation.closing import closing, finishing
from reservation.models import AffectedAppointment, Appointment, Closure, PersonalLink, PlannedMove, Replan, Slot
from reservation.moving import moving
from reservation.replanning import answers, overview, planning, publishing, undoing, working
from reservation.replanning.errors import MoveSettled, ReplanMovedOn
from reservation.reserving import booking
from reservation.slots import check
from tests import factories, pages
from tests.factories import NOW
from tests.reservation.replanning.conftest import Start, fill

pytestmark = pytest.mark.django_db

Close = Callable[..., Closure]
Days = Callable[..., None]
DAY = timedelta(days=1)


def first(registration: Registration) -> Appointment:
    return Appointment.objects.select_related("slot", "reservation").get(
        reservation__registration=registration, reservation__state="CONFIRMED", dose_number=1
    )


def day(registration: Registration) -> int:
    return (first(registration).slot.day - NOW.date()).days


def states(replan: Replan) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in replan.moves.order_by().values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def slot_on(ahead: int) -> Slot:
    return Slot.objects.get(day=NOW.date() + ahead * DAY)


def told(registration: Registration, template: str) -> list[str]:
    reference = str(first(registration).reservation_id)
    sms = Message.objects.filter(channel="SMS", template=f"reservation/{template}", reference=reference)
    return [one.text or "" for one in sms.exclude(state="CANCELLED") if not one.cancellation]


def test_a_story_of_a_closed_day(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, undo: Any
) -> None:
    """Six people of a closed day; they move, three of them act, and the re-planning is taken back."""
    people = [factories.make_registration() for _ in range(6)]
    for one in people:
        factories.make_reservation(one, site=site, day=10)
    fill()
    days_of(9, clock="09:00", capacity=5)
    close(10)
    replan = start()
    assert states(replan) == {"PLANNED": 5, "NO_TIME": 1}
    publish(replan)
    assert states(replan) == {"MOVED": 5, "NO_TIME": 1}
    assert sorted(map(day, people)) == [9] * 5 + [10]
    moved = [one for one in people if day(one) == 9]
    (left,) = [one for one in people if day(one) == 10]
    # Each is told once; what still waited to say that their time cannot stay never goes out.
    assert [len(told(one, "replanned")) for one in moved] == [1] * 5
    assert [told(one, "affected") for one in moved] == [[]] * 5
    assert (len(told(left, "affected")), told(left, "replanned")) == (1, [])
    assert list(affected.open_at(NOW).values_list("appointment", flat=True)) == [first(left).pk]
    assert PersonalLink.objects.filter(purpose="REPLANNED", about=str(replan.pk)).count() == 5
    assert check.wrong_counters() == []

    accepts, chooses, called, *others = moved
    assert answers.accept(replan_id=replan.pk, registration_id=accepts.pk, now=NOW)
    days_of(8, clock="15:00")
    (move,) = answers.moves_of(replan_id=replan.pk, registration_id=chooses.pk)
    (offered,) = answers.nearest(move, now=NOW)
    answers.choose(move=move, slot_id=offered.pk, now=NOW)
    assert day(chooses) == 8
    with pytest.raises(MoveSettled):
        answers.choose(move=move, slot_id=offered.pk, now=NOW)
    factories.make_slot(7, site=site)
    arrangements.move(appointment=first(called), slot_id=Slot.objects.get(day=NOW.date() + 7 * DAY).pk, now=NOW)

    undo(replan)
    assert states(replan) == {"SETTLED": 3, "UNDONE": 2, "NO_TIME": 1}
    assert [day(one) for one in (accepts, chooses, called, *others)] == [9, 8, 7, 10, 10]
    # Back on the closed day they stand in the list to call again, and the link's page says how it stands.
    assert affected.open_at(NOW).count() == 3
    assert [len(told(one, "replan_undone")) for one in others] == [1, 1]
    assert [told(one, "replanned") for one in others] == [[], []]
    assert check.wrong_counters() == []


def test_whoever_changed_meanwhile_is_left_alone_and_whose_seat_is_gone_is_called(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, coordinator: User
) -> None:
    moves_away, loses, kept = (factories.make_registration() for _ in range(3))
    for one, clock in ((moves_away, "08:00"), (loses, "09:00"), (kept, "10:00")):
        factories.make_reservation(one, site=site, day=10, clock=clock)
    fill()
    days_of(9, clock="08:00")
    days_of(9, clock="09:00")
    days_of(9, clock="10:00")
    close(10)
    replan = start()
    factories.make_slot(8, site=site)
    arrangements.move(appointment=first(moves_away), slot_id=Slot.objects.get(day=NOW.date() + 8 * DAY).pk, now=NOW)
    Slot.objects.filter(day=NOW.date() + 9 * DAY, wall_time="09:00").update(capacity=0)
    row = AffectedAppointment.objects.get(appointment=first(kept))
    affected.keep(affected_ids=[row.pk], by=coordinator, now=NOW)
    publish(replan)
    assert states(replan) == {"SETTLED": 2, "FAILED": 1}
    assert [day(one) for one in (moves_away, loses, kept)] == [8, 10, 10]
    with pytest.raises(ReplanMovedOn):
        publishing.publish(replan_id=replan.pk, by=coordinator, now=NOW)
    with pytest.raises(ReplanMovedOn):
        planning.discard(replan_id=replan.pk, by=replan.made_by, now=NOW)


def test_days_before_a_late_delivery_close_only_after_their_people_have_moved(
    site: VaccinationSite, days_of: Days, start: Start, publish: Any, undo: Any
) -> None:
    moved, lost = factories.make_registration(), factories.make_registration()
    for one in (moved, lost):
        factories.make_reservation(one, site=site, day=10)
    fill()
    days_of(11)
    days_of(32, doses="SECOND")
    tenth = NOW.date() + 10 * DAY
    replan = start("DAYS", site=site, first_day=tenth, last_day=tenth, not_before=tenth + DAY)
    publish(replan)
    finishing.finish_all(now=NOW)
    assert sorted(map(day, (moved, lost))) == [10, 11]
    stays, went = sorted((moved, lost), key=day)
    # Nobody else books there; only who found no time is told that theirs cannot stay.
    assert not Slot.objects.filter(day=tenth).free().exists()
    assert (len(told(stays, "affected")), told(went, "affected")) == (1, [])
    assert replan.closure is not None
    undo(replan)
    finishing.finish_all(now=NOW)
    assert (day(stays), day(went)) == (10, 10)
    assert Slot.objects.get(day=tenth).capacity == 2
    assert len(told(stays, "kept")) == 1
    assert "dose 1" not in told(went, "replan_undone")[0]
    assert check.wrong_counters() == []
    assert not affected.open_at(NOW).exists()


def test_a_second_dose_without_a_time_is_handed_over_and_stands_again_when_the_first_moves_back(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, undo: Any
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    fill()
    days_of(13)
    closure = close(10)
    replan = start()
    publish(replan)
    assert states(replan) == {"MOVED": 1, "NO_TIME": 1}
    (row,) = affected.open_at(NOW)
    assert (row.cause, row.appointment.dose_number) == ("MOVED", 2)
    closing.lift(closure_id=closure.pk, by=closure.made_by, now=NOW)
    undo(replan)
    assert day(person) == 10
    assert not affected.open_at(NOW).exists()


def test_the_link_shows_the_new_time_and_leads_to_another_one_with_one_press(
    client: Client, clock: object, site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    person, stranger = factories.make_registration(), factories.make_registration()
    for one in (person, stranger):
        factories.make_reservation(one, site=site, day=10)
    days_of(9, capacity=2)
    days_of(8, clock="15:00")
    close(10)
    publish(start())
    pages.english(client)
    assert client.get("/rezervace/presunuto/").headers["Location"] == "/rezervace/"
    token = told(person, "replanned")[0].split("/o/")[1].split("/")[0]
    assert client.get(f"/o/{token}/").headers["Location"] == "/rezervace/presunuto/"
    text = client.get("/rezervace/presunuto/").content.decode()
    assert "Havárie vody" in text
    assert "20 January 2027" in breakable(text)
    other = PlannedMove.objects.get(appointment=first(stranger))
    free = Slot.objects.get(day=NOW.date() + 8 * DAY)
    # A move of somebody else, and a time that nobody offers.
    client.post(f"/rezervace/presunuto/{other.pk}/jiny/", {"slot": free.pk})
    mine = PlannedMove.objects.get(appointment=first(person))
    client.post(f"/rezervace/presunuto/{mine.pk}/jiny/", {"slot": 1})
    assert (day(person), day(stranger)) == (9, 9)
    client.post("/rezervace/presunuto/vyhovuje/")
    mine.refresh_from_db()
    assert mine.answered_at == NOW
    client.post(f"/rezervace/presunuto/{mine.pk}/jiny/", {"slot": free.pk})
    assert day(person) == 8
    text = client.get("/rezervace/presunuto/?davka=x&den=2027").content.decode()
    assert "19 January 2027" in breakable(text)


def days_of_doses(registration: Registration) -> list[int]:
    booked = Appointment.objects.filter(reservation__registration=registration).order_by("dose_number")
    return [(one - NOW.date()).days for one in booked.values_list("slot__day", flat=True)]


@pytest.mark.parametrize("second", [32, 36])
def test_a_second_dose_that_moved_meanwhile_holds_the_first_one_up_only_where_it_is_too_early(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, second: int
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    fill()
    days_of(14)
    days_of(second, 40, doses="SECOND")
    moving.move(registration_id=person.pk, dose=2, slot_id=slot_on(40).pk, now=NOW)
    close(10)
    replan = start()
    assert states(replan) == {"PLANNED": 1}
    moving.move(registration_id=person.pk, dose=2, slot_id=slot_on(second).pk, now=NOW)
    publish(replan)
    assert days_of_doses(person) == ([10, 32] if second == 32 else [14, 36])
    assert states(replan) == {"FAILED" if second == 32 else "MOVED": 1}


def test_a_second_dose_that_found_a_time_meanwhile_is_not_handed_over(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    fill()
    days_of(14)
    close(10)
    replan = start()
    assert states(replan) == {"PLANNED": 1, "NO_TIME": 1}
    days_of(36, doses="SECOND")
    moving.move(registration_id=person.pk, dose=2, slot_id=slot_on(36).pk, now=NOW)
    publish(replan)
    assert days_of_doses(person) == [14, 36]
    assert not affected.open_at(NOW).exists()


def test_of_two_who_come_together_both_move_or_none(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whose key lies between theirs, so that one part would end between them.
    monkeypatch.setattr(publishing, "BATCH", 1)
    keys = [uuid.UUID(int=number) for number in (1, 2, 3)]
    couple, alone = [factories.make_registration() for _ in range(2)], factories.make_registration()
    party = uuid.uuid4()
    factories.make_reservation(couple[0], site=site, day=10, party=party, pk=keys[0])
    factories.make_reservation(alone, site=site, day=10, clock="08:00", pk=keys[1])
    factories.make_reservation(couple[1], site=site, day=10, party=party, pk=keys[2])
    fill()
    days_of(8, capacity=2)
    days_of(9, clock="08:00")
    close(10)
    replan = start()
    Slot.objects.filter(pk=slot_on(8).pk).update(capacity=1)
    publish(replan)
    assert [day(one) for one in (*couple, alone)] == [10, 10, 9]


@pytest.mark.parametrize(
    ("act", "days"),
    [("nothing", [10, 10]), ("agree", [8, 8]), ("seat is taken", [8, 8]), ("choose", [9, 10]), ("cancel", [10])],
)
def test_two_who_came_to_one_time_go_back_together_or_stay(
    site: VaccinationSite,
    days_of: Days,
    close: Close,
    start: Start,
    publish: Any,
    undo: Any,
    monkeypatch: pytest.MonkeyPatch,
    act: str,
    days: list[int],
) -> None:
    monkeypatch.setattr(publishing, "BATCH", 1)
    couple, party = [factories.make_registration() for _ in range(2)], uuid.uuid4()
    for one in couple:
        factories.make_reservation(one, site=site, day=10, party=party)
    fill()
    days_of(8, capacity=2)
    closure = close(10)
    replan = start()
    publish(replan)
    assert list(map(day, couple)) == [8, 8]
    move = PlannedMove.objects.select_related("appointment", "to_slot").get(appointment=first(couple[0]))
    if act == "agree":
        assert answers.answer(move=move, now=NOW)
    elif act == "choose":
        days_of(9)
        answers.choose(move=move, slot_id=slot_on(9).pk, now=NOW)
    elif act == "cancel":
        moving.cancel(registration_id=couple[0].pk, now=NOW)
    elif act == "seat is taken":
        closing.lift(closure_id=closure.pk, by=replan.made_by, now=NOW)
        finishing.finish_all(now=NOW)
        Slot.objects.filter(pk=slot_on(10).pk).update(capacity=1)
    undo(replan)
    assert list(map(day, couple[len(couple) - len(days) :])) == days
    # Whoever goes back is told; whoever stays has read where they come.
    told_of = Message.objects.filter(template="reservation/replan_undone", channel="SMS").count()
    assert told_of == days.count(10)
    assert check.wrong_counters() == []


def test_days_that_are_undone_open_when_everybody_is_back(
    site: VaccinationSite, days_of: Days, start: Start, publish: Any, undo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [factories.make_registration() for _ in range(3)]
    for one in people:
        factories.make_reservation(one, site=site, day=10)
    fill()
    days_of(14, capacity=3)
    days_of(32, doses="SECOND", capacity=9)
    tenth = NOW.date() + 10 * DAY
    replan = start("DAYS", site=site, first_day=tenth, last_day=tenth, not_before=tenth + DAY)
    publish(replan)
    # The task for the closure has not run yet.
    Closure.objects.update(done_at=None)
    monkeypatch.setattr(publishing, "BATCH", 1)
    undoing.undo(replan_id=replan.pk, by=replan.made_by, now=NOW)
    assert sorted(map(day, people)) == [10, 14, 14]
    with pytest.raises(errors.SlotClosed):
        booking.hold(invitation_id=factories.make_invitation().pk, slot_id=slot_on(10).pk, now=NOW)
    finishing.finish_all(now=NOW)
    assert not AffectedAppointment.objects.filter(cause="CLOSURE").exists()
    working.work_all(now=NOW)
    assert list(map(day, people)) == [10, 10, 10]
    slot = slot_on(10)
    assert (slot.booked, slot.capacity, slot.is_closed) == (3, 3, False)
    assert check.wrong_counters() == []


def test_whoever_comes_back_to_days_that_somebody_closed_meanwhile_is_told(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any, undo: Any
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    fill()
    days_of(13)
    days_of(34, doses="SECOND")
    tenth = NOW.date() + 10 * DAY
    replan = start("DAYS", site=site, first_day=tenth, last_day=tenth)
    publish(replan)
    finishing.finish_all(now=NOW)
    close(10, 11)
    finishing.finish_all(now=NOW)
    undo(replan)
    finishing.finish_all(now=NOW)
    assert day(person) == 10
    (row,) = affected.open_at(NOW)
    assert (row.appointment, row.cause) == (first(person), "CLOSURE")


def test_whoever_was_not_told_is_called_also_where_somebody_else_at_that_telephone_was(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    told_one = factories.make_registration()
    other = factories.make_registration(phone=told_one.phone)
    for one in (told_one, other):
        factories.make_reservation(one, site=site, day=10)
    fill()
    days_of(8, capacity=2)
    close(10)
    replan = start()
    publish(replan)
    Message.objects.update(created_at=NOW)
    assert not overview.unreached(replan, now=NOW).exists()
    reference = str(first(other).reservation_id)
    Message.objects.filter(template="reservation/replanned", reference=reference).update(state="FAILED")
    assert [one.appointment for one in overview.unreached(replan, now=NOW)] == [first(other)]
