"""Two at once at one ticket on real PostgreSQL, and the twins that show what happens without the lock."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, transaction

from support import errors
from support.letters.parts import ReadFile
from support.models import Note, Stay, StoredFile, Ticket
from support.tickets import claims, merging, rows, states
from support.tickets import files as kept_files
from tests.factories import NOW, make_ticket
from tests.race import race, tally

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


@pytest.fixture
def main() -> Ticket:
    """It has the lower key."""
    return make_ticket("První")


@pytest.fixture
def part(main: Ticket) -> Ticket:
    return make_ticket("Druhý")


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read before either writes, as nothing stops them where nobody locks."""
    both_have_read, first = threading.Barrier(2), threading.local()

    def read(keys: list[int]) -> dict[int, Ticket]:
        found = {row.pk: row for row in Ticket.objects.defer("search").filter(pk__in=keys)}
        if not hasattr(first, "was"):
            first.was = True
            both_have_read.wait(timeout=10)
        return found

    monkeypatch.setattr(rows, "_rows", read)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def claim(ticket: Ticket, by: User) -> Ticket:
    return claims.claim(ticket=ticket, by=by, now=NOW)


def answer(ticket: Ticket, by: User) -> Ticket:
    return states.answered(ticket=ticket, by=by, now=NOW, waits=True)


def close(ticket: Ticket, by: User) -> Ticket:
    return states.close(ticket=ticket, by=by, now=NOW)


def merge(ticket: Ticket, into: Ticket, by: User) -> Ticket:
    return merging.merge(ticket=ticket, into=into, by=by, now=NOW)


def letter(ticket: Ticket) -> Ticket:
    return states.letter_came(ticket=ticket, now=NOW)


# --- claims -------------------------------------------------------------------------------------


def test_of_two_who_claim_at_once_one_wins_and_the_other_reads_who(field: User, dispatcher: User) -> None:
    for _ in range(5):
        ticket = make_ticket()
        outcomes = race(partial(claim, ticket, field), partial(claim, ticket, dispatcher))
        assert tally(outcomes) == {"Ticket": 1, "ClaimedBySomebody": 1}
        refused = next(one for one in outcomes if isinstance(one, errors.ClaimedBySomebody))
        assert refused.who == fresh(ticket).claimed_by.username  # type: ignore[union-attr]


def test_without_the_lock_two_work_on_one_ticket_unknowingly(
    main: Ticket, field: User, dispatcher: User, unlocked: None
) -> None:
    assert tally(race(partial(claim, main, field), partial(claim, main, dispatcher))) == {"Ticket": 2}


# --- a reply beside a closing (one person in two tabs: the claim stops two persons) ---------------


def test_a_reply_beside_a_closing_comes_before_it_or_is_refused(dispatcher: User) -> None:
    for _ in range(5):
        ticket = make_ticket()
        outcomes = race(partial(answer, ticket, dispatcher), partial(close, ticket, dispatcher))
        assert tally(outcomes) in ({"Ticket": 2}, {"Ticket": 1, "IsClosed": 1})
        assert fresh(ticket).state == "CLOSED"
        assert (fresh(ticket).answered_at is None) == isinstance(outcomes[0], errors.IsClosed)


def test_without_the_lock_a_reply_and_a_closing_both_believe_what_is_not_true(
    main: Ticket, dispatcher: User, unlocked: None
) -> None:
    assert tally(race(partial(answer, main, dispatcher), partial(close, main, dispatcher))) == {"Ticket": 2}
    kept = fresh(main)
    assert kept.state != "CLOSED" or kept.answered_at is None


def test_a_letter_beside_the_sweep_always_leaves_the_ticket_open(dispatcher: User) -> None:
    for _ in range(5):
        Ticket.objects.all().update(state="NEW")
        ticket = make_ticket()
        states.resolve(ticket=ticket, by=dispatcher, now=NOW - 8 * DAY)
        race(partial(letter, ticket), partial(states.close_resolved, now=NOW))
        assert (fresh(ticket).state, fresh(ticket).reopened_count) == ("REOPENED", 1)
        assert Stay.objects.filter(ticket=ticket, until=None, runs_since__isnull=False).count() == 1


# --- a reply, a letter and merges -----------------------------------------------------------------


def test_a_reply_beside_a_merge_comes_before_it_or_is_refused(main: Ticket, dispatcher: User) -> None:
    for _ in range(5):
        ticket = make_ticket()
        outcomes = race(partial(answer, ticket, dispatcher), partial(merge, ticket, main, dispatcher))
        assert tally(outcomes) in ({"Ticket": 2}, {"Ticket": 1, "IsPart": 1})
        kept = fresh(ticket)
        assert (kept.state, kept.merged_into) == ("MERGED", main)
        assert kept.state_before_merge == ("NEW" if isinstance(outcomes[0], errors.IsPart) else "WAITING")


def test_without_the_lock_a_reply_undoes_a_merge_or_a_merge_forgets_the_reply(
    main: Ticket, part: Ticket, dispatcher: User, unlocked: None
) -> None:
    assert tally(race(partial(answer, part, dispatcher), partial(merge, part, main, dispatcher))) == {"Ticket": 2}
    kept = fresh(part)
    assert kept.merged_into is None or kept.state_before_merge == "NEW"
    assert Note.objects.filter(ticket=part, kind="MERGE").exists()


def test_a_letter_beside_a_merge_goes_to_the_ticket_or_to_the_main_one(main: Ticket, dispatcher: User) -> None:
    for _ in range(5):
        ticket = make_ticket()
        outcomes = race(partial(letter, ticket), partial(merge, ticket, main, dispatcher), partial(letter, ticket))
        assert tally(outcomes) == {"Ticket": 3}
        assert {outcomes[0].pk, outcomes[2].pk} <= {ticket.pk, main.pk}
        assert fresh(ticket).merged_into == main


def test_without_the_lock_a_letter_undoes_a_merge_or_goes_to_a_part(
    main: Ticket, part: Ticket, dispatcher: User, unlocked: None
) -> None:
    outcomes = race(partial(letter, part), partial(merge, part, main, dispatcher))
    assert outcomes[0] == part
    assert Note.objects.filter(ticket=part, kind="MERGE").exists()


def test_letters_to_a_part_and_takings_apart_never_wait_in_a_ring(main: Ticket, part: Ticket, dispatcher: User) -> None:
    for _ in range(5):
        merge(part, main, dispatcher)
        apart = partial(merging.take_apart, ticket=part, by=dispatcher, now=NOW)
        assert tally(race(partial(letter, part), apart, partial(letter, part))) == {"Ticket": 3}


def test_a_letter_that_kept_the_lock_of_a_part_would_wait_in_a_ring(
    main: Ticket, part: Ticket, dispatcher: User
) -> None:
    merge(part, main, dispatcher)
    both_hold_one = threading.Barrier(2)

    def in_order(keys: list[int]) -> None:
        with transaction.atomic():
            rows.locked_all(keys[:1])
            both_hold_one.wait(timeout=10)
            rows.locked_all(keys[1:])

    outcomes = race(partial(in_order, [part.pk, main.pk]), partial(in_order, [main.pk, part.pk]))
    assert tally(outcomes) == {"NoneType": 1, "OperationalError": 1}
    assert "deadlock" in str(next(one for one in outcomes if isinstance(one, OperationalError)))


def test_a_pair_that_is_merged_both_ways_is_merged_one_way(dispatcher: User) -> None:
    for _ in range(5):
        one, other = make_ticket(), make_ticket()
        outcomes = race(partial(merge, one, other, dispatcher), partial(merge, other, one, dispatcher))
        kinds = tally(outcomes)
        assert kinds["Ticket"] == 1
        assert kinds["ChangedMeanwhile"] + kinds["SameTicket"] == 1
        assert (fresh(one).merged_into is None) != (fresh(other).merged_into is None)


def test_without_the_lock_a_pair_merged_both_ways_is_a_ring_of_locks_or_of_parts(
    main: Ticket, part: Ticket, dispatcher: User, unlocked: None
) -> None:
    kinds = tally(race(partial(merge, main, part, dispatcher), partial(merge, part, main, dispatcher)))
    assert kinds["OperationalError"] or kinds["Ticket"] == 2


# --- files --------------------------------------------------------------------------------------


def keep(note: Note, contents: list[bytes], kept: Callable[..., Any] = kept_files.keep_all) -> Any:
    with transaction.atomic():
        return kept(note=note, files=[ReadFile("x", "image/png", one, "", False, "") for one in contents])


def one_by_one(*, note: Note, files: list[ReadFile]) -> None:
    """In the order of the letter, as a plain loop would."""
    for file in files:
        kept_files.keep_all(note=note, files=[file])
        both_have_one.wait(timeout=10) if file is files[0] else None


both_have_one = threading.Barrier(2)


def test_letters_with_the_same_pictures_in_another_order_keep_them_once(main: Ticket) -> None:
    note = Note.objects.create(ticket=main, text="x", at=NOW)
    for turn in range(5):
        pictures = [f"{turn}-{one}".encode() for one in range(4)]
        outcomes = race(partial(keep, note, pictures), partial(keep, note, pictures[::-1]))
        assert tally(outcomes) == {"list": 2}
    assert StoredFile.objects.count() == 20


def test_kept_in_the_order_of_the_letter_they_would_wait_in_a_ring(main: Ticket) -> None:
    note = Note.objects.create(ticket=main, text="x", at=NOW)
    outcomes = race(partial(keep, note, [b"1", b"2"], one_by_one), partial(keep, note, [b"2", b"1"], one_by_one))
    assert tally(outcomes) == {"NoneType": 1, "OperationalError": 1}
