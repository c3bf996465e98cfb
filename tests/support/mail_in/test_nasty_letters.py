"""All nasty letters go in: none is lost, answered where it must not be, or filed at a ticket that is not its own."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import override_settings

from support.letters import html_text
from support.letters.identity import identity
from support.mail_in import receiving
from support.mail_out.recipients import may_get_automatic
from support.models import Desk, Letter
from tests.factories import NOW
from tests.support.mail_in.letters import come, letter
from tests.support.nasty_letters import LETTERS, PAIRS
from tests.support.nasty_letters.building import DESK, JANA, LINE, Nasty, Pair

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _their_desks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Pages that nobody can read in time have all of it in the tests of letters.
    monkeypatch.setattr(html_text, "SECONDS", 1.0)
    with override_settings(SUPPORT_ADDRESSES={"SITES": DESK, "LINE": LINE}):
        yield


def test_no_nasty_letter_is_lost_answered_in_a_loop_or_filed_in_a_wrong_thread() -> None:
    decoy = come(letter(sender=JANA, subject="Lednice")).ticket
    assert decoy is not None
    taken: dict[str, Letter] = {}
    wrong = []
    for number, nasty in enumerate(LETTERS):
        # So far apart that no two are a flood; but some are one letter for the desk, such as those without any byte.
        first = taken.get(identity(nasty.raw))
        now = first.received_at if first else NOW + timedelta(hours=number)
        came = receiving.accept(
            nasty.raw,
            desk=Desk.SITES,
            envelope_sender=nasty.envelope_sender,
            envelope_recipient=nasty.envelope_recipient,
            now=now,
        )
        if first is None:
            taken[identity(nasty.raw)] = came
            wrong += [f"{nasty}: {what}" for what in _faults(nasty, came)]
        else:
            assert came == first
    assert not wrong, "; ".join(wrong)
    assert decoy.letters.filter(direction="IN").count() == 1
    letters = Letter.objects.filter(direction="IN")
    assert letters.count() == len(taken) + 1
    # Each is on a ticket of its own: no two of them belong together.
    assert max(Counter(letters.values_list("ticket", flat=True)).values()) == 1


def _faults(nasty: Nasty, came: Letter) -> list[str]:
    ticket = came.ticket
    if ticket is None:
        return ["is at no ticket"]
    receipts = ticket.letters.filter(direction="OUT")
    faults = []
    if bytes(came.raw.content) != nasty.raw:
        faults.append("is not kept byte by byte")
    if came.state != ("FILED" if nasty.is_readable else "UNREADABLE"):
        faults.append(f"is {came.state}")
    if came.kind != nasty.sort:
        faults.append(f"is a {came.kind}")
    is_answered = nasty.may_be_answered and nasty.is_readable and may_get_automatic(came.from_address)
    if receipts.exists() != is_answered:
        faults.append(f"has {receipts.count()} receipts")
    if nasty.from_ and nasty.is_readable and came.from_address != nasty.from_.lower():
        faults.append(f"is of {came.from_address}")
    if missing := [piece for piece in nasty.text if piece not in f"{came.text}{came.quoted}"]:
        faults.append(f"has no {missing}")
    return faults


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_two_letters_that_are_one_are_taken_once_and_others_are_not(pair: Pair) -> None:
    for raw in (pair.first, pair.second):
        come(raw)
    assert Letter.objects.filter(direction="IN").count() == (1 if pair.are_one else 2)
