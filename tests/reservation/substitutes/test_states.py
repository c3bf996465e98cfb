"""Walks the table of offers to substitutes in docs/states.md."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import product

import pytest

from reservation.models import Reservation, SubstituteCall, SubstituteOffer
from reservation.substitutes import agreeing, answering, calling, errors
from tests.factories import NOW
from tests.reservation.substitutes.conftest import Agree, Call
from tests.reservation.test_states import BEGINNING, machine

pytestmark = pytest.mark.django_db

SOON, LATE, OVER = (NOW + timedelta(minutes=minutes) for minutes in (1, 11, 46))

Step = Callable[[SubstituteOffer], object]

ACTS: dict[str, tuple[str, Step]] = {
    "come": ("accept", lambda offer: answering.accept(offer_id=offer.pk, now=SOON)),
    "come too late": ("accept", lambda offer: answering.accept(offer_id=offer.pk, now=OVER)),
    "decline": ("decline", lambda offer: answering.decline(offer_id=offer.pk, now=SOON)),
    "leave": ("agreeing.forget", lambda offer: agreeing.forget(registration_id=offer.registration_id, now=SOON)),
    "be silent": ("asking.ask", lambda offer: calling.ask_all(LATE)),
    "have the call ended": ("calling.end", lambda offer: calling.end(call_id=offer.call_id, now=SOON)),
    "have it ended later": ("calling.end", lambda offer: calling.end(call_id=offer.call_id, now=LATE)),
}


def _too_late(offer: SubstituteOffer) -> None:
    SubstituteOffer.objects.filter(pk=offer.pk).update(answer="TOO_LATE", answered_at=SOON)


REACH: dict[str, Step] = {
    BEGINNING: lambda offer: None,
    "COMES": ACTS["come"][1],
    "DECLINED": ACTS["decline"][1],
    "IGNORED": ACTS["be silent"][1],
    "TOO_LATE": _too_late,
}


def test_an_offer_changes_only_as_the_table_says_and_in_every_way_that_it_says(
    make_substitute: Agree, call: Call
) -> None:
    seen = set()
    for start, (operation, act) in product(REACH, ACTS.values()):
        person = make_substitute()
        call(doses=1)
        offer = SubstituteOffer.objects.get(registration=person)
        REACH[start](offer)
        with suppress(errors.DosesGone):
            act(offer)
        offer.refresh_from_db()
        if (offer.answer or BEGINNING) != start:
            seen.add((start, offer.answer, operation))
        SubstituteCall.objects.all().delete()
        Reservation.objects.filter(registration=person).update(state="CANCELLED")
        agreeing.forget(registration_id=person.pk, now=NOW)
    rows = machine("Offer to a substitute").rows
    assert seen == {(row.start, row.end, name) for row in rows for name in row.operations}
