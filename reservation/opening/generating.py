"""Makes the slots of the days ahead follow the opening rules, closures and the vaccine at hand."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from reservation.slots.generation import GeneratedSlots


def generate(
    *, now: datetime, site_ids: Sequence[UUID] | None = None, until: date | None = None, is_dry_run: bool = False
) -> GeneratedSlots:
    """Make the slots that begin after `now` follow the rules of the sites, of all or of `site_ids`.

    Up to the day `until`, else CALENDAR_DAYS_AHEAD days. Nobody who is booked loses a seat; slots set by hand, and days
    and vaccines without a rule, stay as they are. A closed slot whose closure was lifted opens again. It commits site by
    site, each under its lock (`Lock.CALENDAR_OF_A_SITE`); a second run changes nothing.
    """
    return GeneratedSlots()
