"""Opens tickets."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from crs import history
from logistics.models import VaccinationSite
from support.letters.covering import covered
from support.models import FIRST_LEVEL, Category, Desk, Ticket
from support.operations import Operation
from support.tickets import clocks, senders, words


def open_ticket(
    *,
    desk: str,
    way: str,
    subject: str,
    language: str,
    now: datetime,
    level: int | None = None,
    requester_address: str = "",
    requester_name: str = "",
    requester: User | None = None,
    site: VaccinationSite | None = None,
    category: Category | None = None,
    by: User | None = None,
    covered_words: str = "",
) -> Ticket:
    """Open a ticket at the lowest level of the desk, and start its clocks.

    `subject` is covered (`letters.covering`); the name is covered here, for lists show both. Without a `site` it is
    guessed of the sender's address. The ticket is found by its `covered_words`, too.
    """
    with transaction.atomic(), history.recording_part(Operation.OPEN, by=by):
        ticket = Ticket(
            desk=desk,
            level=level or FIRST_LEVEL[Desk(desk)],
            way=way,
            subject=subject[:300],
            language=language,
            requester_address=requester_address[:320],
            requester_name=covered(requester_name)[:200],
            requester=requester,
            site=site or senders.site_of(requester_address),
            category=category,
            opened_at=now,
            changed_at=now,
        )
        stay = clocks.first_stay(ticket, now=now)
        ticket.save(force_insert=True)
        stay.save(force_insert=True)
        said = covered(f"{requester_name}\n{requester_address}")
        words.add_words(ticket.pk, f"{subject} {said} {covered_words}")
        return ticket
