"""Opening rules: planned, changed from a day on, ended and withdrawn; nobody who is booked loses a seat by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from django.contrib.auth.models import User

from crs.sent_forms import NO_FORM, Sending
from logistics.models import VaccinationSite
from reservation.models import OLDEST, YOUNGEST, OpeningRule


@dataclass(frozen=True)
class Span:
    """Hours on a weekday (0: Monday), by the clock in Prague."""

    weekday: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class Draft:
    """A rule as it is to be; `replaces` is the one that ends on the day before."""

    vaccine_id: str
    valid_from: date
    hours: tuple[Span, ...]
    seats: int
    valid_until: date | None = None
    minutes: int = 15
    first_percent: int = 0
    second_percent: int = 0
    substitute_percent: int = 0
    youngest_age: int = YOUNGEST
    oldest_age: int = OLDEST
    opens_on_holidays: bool = False
    is_tied_to_stock: bool = False


@dataclass(frozen=True)
class Week:
    """What a change does to the seats of a week that begins on `monday`."""

    monday: date
    before: int
    after: int
    created: int
    raised: int
    lowered: int


@dataclass(frozen=True)
class AffectedPerson:
    """Somebody whose booked time the rules would offer no more."""

    appointment_id: int
    slot_id: int
    name: str
    starts_at: datetime
    dose_number: int


@dataclass(frozen=True)
class Plan:
    """What a change of rules would do; `fingerprint` names exactly the people affected."""

    weeks: tuple[Week, ...]
    affected: tuple[AffectedPerson, ...]
    unpaired: int  # first seats that stay closed, because their later doses do not fit
    fingerprint: str


def plan(site: VaccinationSite, draft: Draft | None, *, replaces: OpeningRule | None = None, now: datetime) -> Plan:
    """Look what would change with `draft` in place of `replaces`; without a draft, with `replaces` withdrawn."""
    raise NotImplementedError


def save(
    site: VaccinationSite,
    draft: Draft,
    *,
    by: User | None,
    now: datetime,
    replaces: OpeningRule | None = None,
    hands_over: bool = False,
    seen: str | None = None,
    form: Sending = NO_FORM,
) -> int:
    """Let the site open by `draft` and return the key of its rule.

    Whoever it affects comes as booked, or with `hands_over` is handed over to re-planning. Raises PeopleChanged where
    others are affected than the plan `seen` named, RulesOverlap.
    """
    raise NotImplementedError


def withdraw(
    rule: OpeningRule,
    *,
    by: User | None,
    now: datetime,
    hands_over: bool = False,
    seen: str | None = None,
    form: Sending = NO_FORM,
) -> None:
    """Let the rule open no day any more, from `now` on. Raises PeopleChanged."""
    raise NotImplementedError
