"""Processor time, p50 and p95 of each page under a few clients at once, and its number of queries."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from logistics.models import VaccinationSite
from registration.models import PhoneVerification
from reservation.models import Slot
from reservation.reserving import booking
from tests.bench import load, population
from tests.bench.turns import Rounds, rounds, spread

if TYPE_CHECKING:
    from tests.bench.sides import Sides

A_TURN = 20
CLIENTS = 4
MOST_QUERIES = 12


@dataclass(frozen=True)
class Page:
    """A page as one visitor sees it."""

    name: str
    path: str
    session: str = ""
    clients: int = CLIENTS
    most_queries: int = MOST_QUERIES


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """A line per page of a citizen. Returns the figures by page."""
    return ask(sides, _pages(), seconds=seconds, say=say)


def ask(sides: Sides, pages: Sequence[Page], *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Ask for each page in turn with the bare page. Ends the bench where one takes more queries than it may."""
    queries = {page.name: _count_queries(page) for page in pages}
    taken = {page.name: Rounds() for page in pages}
    for number in rounds(seconds, least=2):
        for page in pages:
            cookies = {"crs_session": page.session} if page.session else {}
            requests = [load.request("GET", page.path, port=sides.crs.port, cookies=cookies)] * A_TURN
            answer = partial(sides.crs.answer, requests, clients=page.clients, status=200)
            taken[page.name].take(number, {page.name: answer, "bare page": sides.bare_pages})
        if number < 0:
            population.analyse()
    return {f"page {page.name}": _report(page, taken[page.name], queries[page.name], say) for page in pages}


def _report(page: Page, taken: Rounds, queries: int, say: Callable[[str], None]) -> dict[str, object]:
    name = page.name
    costs, ratio = taken.costs(name), taken.ratio(name, "bare page")
    cuts = statistics.quantiles(taken.latencies(name), n=20)
    p50, p95 = cuts[9] * 1000, cuts[18] * 1000
    say(
        f"{name:18} cpu {costs['cpu ms']:6.2f} ms, {spread(ratio.cpu):24} bare pages   "
        f"wall p50 {p50:6.1f} ms  p95 {p95:6.1f} ms   {queries:2} queries"
    )
    if queries > page.most_queries:
        raise SystemExit(f"{name}: {queries} queries, at most {page.most_queries} are allowed")
    return {**costs, "p50 ms": p50, "p95 ms": p95, "queries": queries, "bare pages": ratio.figures}


def _pages() -> list[Page]:
    chooses, holds, has = population.make_visitors(3, first=50_000_000)
    now = timezone.now()
    slots = list(Slot.objects.for_dose(1).upcoming(now).order_by("starts_at")[:2])
    booking.hold(invitation_id=holds.invitation_id, slot_id=slots[0].pk, now=now)
    held = booking.hold(invitation_id=has.invitation_id, slot_id=slots[1].pk, now=now)
    booking.confirm(reservation_id=held.reservation_id, registration_id=has.registration_id, now=now)
    site = VaccinationSite.objects.get(pk=slots[0].site_id)
    proving, proven = _phone_sessions()
    return [
        Page("home", "/"),
        Page("telephone", "/registrace/"),
        Page("PIN", "/registrace/pin/", proving),
        Page("form", "/registrace/formular/", proven),
        Page("log in", "/rezervace/"),
        Page("sites of a region", f"/rezervace/misto/?kraj={site.lies_in.pk}", chooses.session),
        Page("days", f"/rezervace/misto/{site.pk}/", chooses.session),
        Page("times", f"/rezervace/misto/{site.pk}/{slots[0].day.isoformat()}/", chooses.session),
        Page("both doses", "/rezervace/potvrdit/", holds.session),
        Page("reservation", "/rezervace/hotovo/", has.session),
        # A process sets one paper at a time and asks the others to come back.
        Page("PDF", "/rezervace/potvrzeni.pdf", has.session, clients=1),
        Page("calendar file", "/rezervace/terminy.ics", has.session),
    ]


def _phone_sessions() -> tuple[str, str]:
    """A browser that waits for its PIN, and one that has proven its telephone."""
    waiting = PhoneVerification.objects.create(phone="+420601000001")
    proven = PhoneVerification.objects.create(phone="+420601000001", verified_at=timezone.now())
    return (
        population.make_session(verification_id=str(waiting.pk)),
        population.make_session(proven_verification_id=str(proven.pk)),
    )


def _count_queries(page: Page) -> int:
    client = Client(headers={"host": "localhost"})
    client.cookies["crs_session"] = page.session
    client.get(page.path)
    with CaptureQueriesContext(connection) as captured:
        client.get(page.path)
    return len(captured)
