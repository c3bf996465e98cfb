"""Makes the slots of the days ahead follow the opening rules, closures and the vaccine at hand."""

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from crs import advisory_locks
from crs.advisory_locks import Lock
from logistics.models import VaccinationSite, Vaccine
from reservation.coverage import supply
from reservation.models import OpeningRule
from reservation.opening.drafts import covered, draft_of
from reservation.opening.staging import staged_rules
from reservation.slots.fitting import Policy, fit
from reservation.slots.generation import GeneratedSlots

logger = logging.getLogger(__name__)


def generate(
    *,
    now: datetime,
    site_ids: Sequence[UUID] | None = None,
    until: date | None = None,
    is_dry_run: bool = False,
    progress: Callable[[int, int, GeneratedSlots], None] | None = None,
) -> GeneratedSlots:
    """Make the slots that begin after `now` follow the rules of the sites, of all or of `site_ids`.

    Up to the day `until`, else CALENDAR_DAYS_AHEAD days. Nobody who is booked loses a seat; slots set by hand, and days
    and vaccines without a rule, stay as they are. A closed slot whose closure was lifted opens again. It commits
    calendar by calendar, which is a vaccine of a site, each under the lock of the site; the next run completes what a
    broken one left, and a second one changes nothing. A calendar that a lock holds up does not hold up the others, and
    its error is raised after them. `progress` is told the calendars done, all of them, and what is done.
    """
    days = days_ahead(now, until)
    done = GeneratedSlots()
    calendars = list(_calendars(site_ids, days))
    failure: OperationalError | None = None
    for number, (site_id, vaccine) in enumerate(calendars, 1):
        try:
            with transaction.atomic():
                _generate_one(site_id, vaccine, days, now, done)
                if is_dry_run:
                    transaction.set_rollback(True)
        except OperationalError as error:
            logger.warning("Slots of %s at site %s are left to the next run.", vaccine.pk, site_id)
            failure = error
        if progress:
            progress(number, len(calendars), done)
    if failure:
        raise failure
    return done


def sites_with_tied_rules(*, now: datetime) -> list[UUID]:
    """The sites whose seats of the next days depend on the vaccine that they hold."""
    today = timezone.localdate(now)
    rules = _covering(today, today + timedelta(days=supply.DAYS_AHEAD)).filter(is_tied_to_stock=True)
    return list(rules.order_by("site").values_list("site_id", flat=True).distinct())


def days_ahead(now: datetime, until: date | None = None) -> list[date]:
    """The days whose slots are generated, today first."""
    today = timezone.localdate(now)
    last = until or today + timedelta(days=settings.CALENDAR_DAYS_AHEAD)
    return [today + timedelta(days=count) for count in range((last - today).days + 1)]


def _calendars(site_ids: Sequence[UUID] | None, days: Sequence[date]) -> Iterator[tuple[UUID, Vaccine]]:
    """The sites and vaccines about which some rule decides on the days."""
    if not days:
        return
    rules = _covering(days[0], days[-1]).exclude(site__state=VaccinationSite.State.CLOSED)
    if site_ids is not None:
        rules = rules.filter(site__in=site_ids)
    vaccines = Vaccine.objects.in_bulk()
    for site_id, vaccine_id in rules.order_by("site", "vaccine").values_list("site_id", "vaccine_id").distinct():
        yield site_id, vaccines[vaccine_id]


def _covering(first: date, last: date) -> QuerySet[OpeningRule]:
    begun = OpeningRule.objects.standing().filter(valid_from__lte=last)
    return begun.filter(Q(valid_until=None) | Q(valid_until__gte=first))


def _generate_one(site_id: UUID, vaccine: Vaccine, days: Sequence[date], now: datetime, done: GeneratedSlots) -> None:
    # Whoever changes a rule or closes a time has it, too: what is read below holds until the commit.
    advisory_locks.take(Lock.CALENDAR_OF_A_SITE, str(site_id))
    standing = OpeningRule.objects.standing().filter(site=site_id, vaccine=vaccine).prefetch_related("hours")
    drafts = [draft_of(rule) for rule in standing]
    policy = Policy(by_rules=True, after=now)
    with (
        connection.cursor() as cursor,
        staged_rules(
            cursor,
            site_id=site_id,
            vaccine=vaccine,
            drafts=drafts,
            days=covered(drafts, days),
            policy=policy,
            now=now,
        ) as staged,
    ):
        done.add(fit(cursor, policy, staged.slots))
    done.held_back += staged.held_back
    done.unpaired += staged.unpaired
