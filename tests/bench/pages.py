"""p50 and p95 of each page under a few clients at once, and its number of queries."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from logistics.models import VaccinationSite
from registration.models import PhoneVerification
from reservation import booking
from reservation.models import Slot
from tests.bench import load, population

if TYPE_CHECKING:
    from tests.stack import Stack

REQUESTS = 200
CLIENTS = 4
MOST_QUERIES = 12


@dataclass(frozen=True)
class Page:
    """A page as one visitor sees it."""

    name: str
    path: str
    session: str = ""


def measure(stack: Stack, *, say: Callable[[str], None]) -> dict[str, object]:
    """Ask for each page 200 times; a line per page. Returns the figures by page."""
    figures: dict[str, object] = {}
    for page in _pages():
        queries = _count_queries(page)
        cookies = {"crs_session": page.session} if page.session else {}
        request = load.request("GET", page.path, port=stack.port, cookies=cookies)
        load.run([request] * CLIENTS * 2, port=stack.port, clients=CLIENTS)
        outcome = load.run([request] * REQUESTS, port=stack.port, clients=CLIENTS)
        cuts = statistics.quantiles(outcome.latencies, n=20)
        p50, p95 = cuts[9] * 1000, cuts[18] * 1000
        answers = ", ".join(map(str, outcome.by_status))
        say(f"page {page.name:22} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   {queries:2} queries   answer {answers}")
        if set(outcome.by_status) != {200} or queries > MOST_QUERIES:
            raise SystemExit(f"{page.path}: answers {outcome.by_status}, {queries} queries")
        figures[f"page {page.name}"] = {"p50 ms": round(p50, 1), "p95 ms": round(p95, 1), "queries": queries}
    return figures


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
        Page("PDF", "/rezervace/potvrzeni.pdf", has.session),
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
