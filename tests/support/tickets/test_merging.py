"""Duplicates: merged, read together, and taken apart again as they were."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from support import errors
from support.models import Desk, Letter, Note, Participant, Stay, Ticket
from support.tickets import claims, merging, rows, states
from tests.factories import NOW, make_site, make_ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
FACTS = ("state", "level", "assignee", "merged_into", "state_before_merge", "due_at", "resolved_at", "closed_at")


@pytest.fixture
def main() -> Ticket:
    return make_ticket("První")


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def letter(ticket: Ticket, hours: int) -> Letter:
    told = {"desk": ticket.desk, "direction": "IN", "state": "FILED", "received_at": NOW + hours * HOUR}
    return Letter.objects.create(ticket=ticket, **told)


def test_letters_stay_with_their_tickets_and_are_read_together(
    ticket: Ticket, main: Ticket, dispatcher: User, field: User
) -> None:
    third = make_ticket()
    letters = [letter(ticket, 1), letter(main, 2), letter(third, 3), letter(ticket, 4)]
    merging.merge(ticket=third, into=ticket, by=dispatcher, now=NOW)
    assert merging.merge(ticket=ticket, into=main, by=dispatcher, now=NOW) == main
    assert list(Letter.objects.filter(ticket__in=rows.family(main))) == letters
    assert [one.ticket_id for one in letters] == [ticket.pk, main.pk, third.pk, ticket.pk]
    assert sorted(rows.family(ticket)) == [ticket.pk, third.pk]
    assert {one.text for one in Note.objects.all()} == {one.number for one in (ticket, main, third)}


def test_what_comes_to_a_part_goes_to_the_main_ticket(ticket: Ticket, main: Ticket, dispatcher: User) -> None:
    third = make_ticket()
    merging.merge(ticket=third, into=ticket, by=dispatcher, now=NOW)
    merging.merge(ticket=ticket, into=main, by=dispatcher, now=NOW)
    states.resolve(ticket=main, by=dispatcher, now=NOW)
    assert states.letter_came(ticket=third, now=NOW + HOUR) == main
    assert fresh(main).state == "REOPENED"
    assert fresh(third).state == "MERGED"


@pytest.mark.parametrize("state", ["NEW", "ASSIGNED", "WAITING", "RESOLVED", "CLOSED"])
def test_taking_apart_brings_back_what_was(state: str, ticket: Ticket, main: Ticket, field: User) -> None:
    if state == "ASSIGNED":
        claims.claim(ticket=ticket, by=field, now=NOW)
    if state == "WAITING":
        states.answered(ticket=ticket, by=field, now=NOW, waits=True)
    if state == "RESOLVED":
        states.resolve(ticket=ticket, by=field, now=NOW)
    if state == "CLOSED":
        states.close(ticket=ticket, by=field, now=NOW)
    before = Ticket.objects.values(*FACTS).get(pk=ticket.pk)
    merging.merge(ticket=ticket, into=main, by=field, now=NOW + HOUR)
    merged = fresh(ticket)
    assert (merged.state, merged.merged_into, merged.due_at, merged.claimed_by) == ("MERGED", main, None, None)
    merging.take_apart(ticket=ticket, by=field, now=NOW + HOUR)
    assert Ticket.objects.values(*FACTS).get(pk=ticket.pk) == before
    assert list(Note.objects.filter(ticket=ticket).values_list("kind", flat=True)) == ["MERGE", "TAKE_APART"]


def test_the_time_as_a_part_does_not_count(ticket: Ticket, main: Ticket, field: User) -> None:
    merging.merge(ticket=ticket, into=main, by=field, now=NOW + HOUR)
    merging.take_apart(ticket=ticket, by=field, now=NOW + 3 * HOUR)
    assert Stay.objects.get(ticket=ticket).spent == HOUR
    assert fresh(ticket).due_at == NOW + 6 * HOUR


def test_what_is_merged_already_and_what_stands_alone_stays_so(ticket: Ticket, main: Ticket, field: User) -> None:
    merging.take_apart(ticket=ticket, by=field, now=NOW)
    merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    assert Note.objects.count() == 2


def test_no_ticket_is_a_part_of_itself_nor_of_its_parts(ticket: Ticket, main: Ticket, field: User) -> None:
    merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    for into in (main, ticket):
        with pytest.raises(errors.SameTicket):
            merging.merge(ticket=main, into=into, by=field, now=NOW)
    with pytest.raises(errors.IsPart):
        merging.merge(ticket=ticket, into=make_ticket(), by=field, now=NOW)


def test_nothing_is_merged_into_what_is_closed_or_somebody_else_works_on(
    ticket: Ticket, main: Ticket, field: User, dispatcher: User
) -> None:
    claims.claim(ticket=main, by=dispatcher, now=NOW)
    with pytest.raises(errors.ClaimedBySomebody, match=main.number):
        merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    states.close(ticket=main, by=dispatcher, now=NOW)
    with pytest.raises(errors.IsClosed):
        merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    assert fresh(ticket).claimed_by is None


@pytest.mark.parametrize(("state", "after"), [("RESOLVED", "REOPENED"), ("WAITING", "ASSIGNED")])
def test_an_open_part_wakes_its_main_ticket_and_whoever_wrote_takes_part(
    state: str, after: str, ticket: Ticket, main: Ticket, field: User
) -> None:
    states.answered(ticket=main, by=field, now=NOW, waits=True)
    if state == "RESOLVED":
        states.resolve(ticket=main, by=field, now=NOW)
    Participant.objects.create(ticket=ticket, address="kolega@example.cz", name="Kolega", since=NOW)
    merging.merge(ticket=ticket, into=main, by=field, now=NOW + HOUR)
    assert (fresh(main).state, fresh(main).due_at) == (after, NOW + 5 * HOUR)
    assert {one.address for one in main.participants.all()} == {ticket.requester_address, "kolega@example.cz"}


def test_a_part_that_waits_or_is_done_wakes_nothing_and_a_sender_is_no_participant(
    ticket: Ticket, main: Ticket, field: User
) -> None:
    Ticket.objects.update(requester_address=main.requester_address)
    states.answered(ticket=ticket, by=field, now=NOW, waits=True)
    states.resolve(ticket=main, by=field, now=NOW)
    merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    assert fresh(main).state == "RESOLVED"
    assert not Participant.objects.exists()


def test_a_merge_shows_no_letter_to_people_who_did_not_see_it(ticket: Ticket, main: Ticket, dispatcher: User) -> None:
    here, there = make_site("A", "CZ0317"), make_site("B", "CZ0100")
    of_the_line, at_a_site, elsewhere = make_ticket(desk=Desk.LINE), make_ticket(site=here), make_ticket(site=there)
    for part, into in (
        (of_the_line, main),
        (main, of_the_line),
        (at_a_site, main),
        (at_a_site, elsewhere),
    ):
        with pytest.raises(errors.MergeWidens):
            merging.merge(ticket=part, into=into, by=dispatcher, now=NOW)
    merging.merge(ticket=ticket, into=at_a_site, by=dispatcher, now=NOW)
    merging.merge(ticket=make_ticket(site=here), into=at_a_site, by=dispatcher, now=NOW)


def test_what_is_erased_is_neither_merged_nor_taken_apart(ticket: Ticket, main: Ticket, field: User) -> None:
    merging.merge(ticket=ticket, into=main, by=field, now=NOW)
    Ticket.objects.filter(pk=ticket.pk).update(erased_at=NOW)
    with pytest.raises(errors.WordsErased):
        merging.take_apart(ticket=ticket, by=field, now=NOW)
    other = make_ticket()
    Ticket.objects.filter(pk=other.pk).update(state="CLOSED", closed_at=NOW, erased_at=NOW)
    with pytest.raises(errors.WordsErased):
        merging.merge(ticket=other, into=main, by=field, now=NOW)
