"""Publishing, the person's answer and undoing: each person once, nobody who acted is moved back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.affected import affected
from reservation.arranging import arrangements
from reservation.closing import closing, finishing
from reservation.models import AffectedAppointment, Appointment, Closure, PersonalLink, PlannedMove, Replan, Slot
from reservation.replanning import answers, planning, publishing, undoing, working
from reservation.replanning.errors import MoveSettled, ReplanMovedOn
from reservation.slots import check
from tests import factories, pages
from tests.factories import NOW
from tests.reservation.replanning.conftest import Start, fill

pytestmark = pytest.mark.django_db

Close = Callable[..., Closure]
Days = Callable[..., None]
DAY = timedelta(days=1)


@pytest.fixture
def publish(coordinator: User) -> Callable[[Replan], None]:
    def publish(replan: Replan) -> None:
        publishing.publish(replan_id=replan.pk, by=coordinator, now=NOW)
        working.work_all(now=NOW)
        replan.refresh_from_db()
        assert replan.state == "PUBLISHED"

    return publish


@pytest.fixture
def undo(coordinator: User) -> Callable[[Replan], None]:
    def undo(replan: Replan) -> None:
        undoing.undo(replan_id=replan.pk, by=coordinator, now=NOW)
        working.work_all(now=NOW)
        replan.refresh_from_db()
        assert replan.state == "UNDONE"

    return undo


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
        planning.discard(replan_id=replan.pk)


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
    assert "20 January 2027" in text
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
    assert "19 January 2027" in text


def test_a_time_that_does_not_fit_is_not_chosen(
    site: VaccinationSite, days_of: Days, close: Close, start: Start, publish: Any
) -> None:
    person = factories.make_registration()
    factories.make_reservation(person, site=site, day=10)
    days_of(9)
    close(10)
    publish(start())
    (move,) = answers.moves_of(replan_id=PlannedMove.objects.get().replan_id, registration_id=person.pk)
    too_late = factories.make_slot(12, site=site)  # less than 21 days before the second dose
    with pytest.raises(errors.SlotFull):
        answers.choose(move=move, slot_id=too_late.pk, now=NOW)
    assert answers.days(move, now=NOW) == []
