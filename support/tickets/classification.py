"""Saying what a ticket is about: its desk, category, priority and site."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction

from crs import history
from logistics.models import VaccinationSite
from support.models import FIRST_LEVEL, Category, Desk, Ticket
from support.operations import Operation
from support.tickets import claims, clocks, levels, rows


def classify(
    *,
    ticket: Ticket,
    desk: str,
    priority: int,
    category: Category | None,
    site: VaccinationSite | None,
    by: User,
    now: datetime,
) -> Ticket:
    """Write it. At a desk without the ticket's level it goes to the lowest one. Raises what `require_claim` raises."""
    with transaction.atomic(), history.recording(Operation.SORT, by=by):
        locked = claims.require_claim(ticket=ticket, by=by, now=now)
        lowest = FIRST_LEVEL[Desk(desk)]
        has_new_targets = (locked.desk, locked.priority) != (desk, priority)
        locked.desk, locked.priority, locked.category, locked.site = desk, priority, category, site
        if locked.level < lowest:
            levels.move(locked, lowest, now=now)
        if has_new_targets:
            clocks.recompute(locked, now=now)
        locked.changed_at = now
        rows.save(locked)
        return locked
