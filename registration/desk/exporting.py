"""Lists that leave the system: each is written down, with its reason, before it is made."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from crs.csv_download import Cell
from registration.desk.errors import TooManyRows
from registration.models import Registration
from registration.people.looks import write_down

MOST_ROWS = 50_000
MOST_DAYS = 92
_CHUNK = 2_000


def registrations(first: date, last: date, state: str = "") -> QuerySet[Registration]:
    """The registrations made from `first` to `last`, both included, in Prague."""
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    end = timezone.make_aware(datetime.combine(last + timedelta(days=1), datetime.min.time()))
    found = Registration.objects.filter(created_at__gte=begin, created_at__lt=end)
    return found.filter(state=state) if state else found


def export(*, first: date, last: date, state: str, reason: str, by: User, now: datetime) -> Iterator[tuple[Cell, ...]]:
    """Write the export down and return its lines; nothing in them names anybody or tells a telephone.

    Raises TooManyRows.
    """
    rows = registrations(first, last, state)
    count = rows.count()
    if count > MOST_ROWS:
        raise TooManyRows
    named = f"registrations {first:%Y-%m-%d} – {last:%Y-%m-%d} {state}".strip()
    write_down(what=named, rows=count, reason=reason, by=by, now=now)
    return _lines(rows)


def _lines(rows: QuerySet[Registration]) -> Iterator[tuple[Cell, ...]]:
    yield (
        *(_("Registration number"), _("registered on"), _("registered"), _("state"), _("why it ended")),
        *(_("year of birth"), _("doses received"), _("claims to groups"), _("cannot come"), _("district of the home")),
    )
    proven = ~Q(priority_claims__state__in=["REFUSED", "WITHDRAWN"])
    told = rows.annotate(groups=StringAgg("priority_claims__group_id", ", ", filter=proven, order_by="priority_claims"))
    told = told.select_related("person").order_by("pk")
    states, ways, endings = (dict(one) for one in _labels())
    for one in told.iterator(chunk_size=_CHUNK):
        yield (
            *(one.number, timezone.localdate(one.created_at), ways.get(one.way), states.get(one.state)),
            *(endings.get(one.ending, ""), one.person.birth_date.year, one.doses_received, one.groups or ""),
            *(_("yes") if one.is_immobile else "", one.home_district_id or ""),
        )


def _labels() -> tuple[list[tuple[str, str]], ...]:
    kinds = (Registration.State, Registration.Way, Registration.Ending)
    return tuple([(value, str(label)) for value, label in kind.choices] for kind in kinds)
