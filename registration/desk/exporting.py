"""Lists that leave the system: each is written down, with its reason, before it is made."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

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
Labels = dict[str, str]


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
    # The lines are made while they are sent, when the language of the page is no longer in force: its words are here.
    heading = (
        *(_("Registration number"), _("registered on"), _("registered"), _("state"), _("why it ended")),
        *(_("year of birth"), _("doses received"), _("claims to groups"), _("cannot come"), _("district of the home")),
    )
    return chain([heading], _lines(rows, _labels(), cannot_come=_("yes")))


def _lines(rows: QuerySet[Registration], labels: tuple[Labels, ...], *, cannot_come: str) -> Iterator[tuple[Cell, ...]]:
    proven = ~Q(priority_claims__state__in=["REFUSED", "WITHDRAWN"])
    told = rows.annotate(groups=StringAgg("priority_claims__group_id", ", ", filter=proven, order_by="priority_claims"))
    told = told.select_related("person").order_by("pk")
    states, ways, endings = labels
    for one in told.iterator(chunk_size=_CHUNK):
        yield (
            *(one.number, timezone.localdate(one.created_at), ways.get(one.way), states.get(one.state)),
            *(endings.get(one.ending, ""), one.person.birth_date.year, one.doses_received, one.groups or ""),
            *(cannot_come if one.is_immobile else "", one.home_district_id or ""),
        )


def _labels() -> tuple[Labels, ...]:
    kinds = (Registration.State, Registration.Way, Registration.Ending)
    return tuple({value: str(label) for value, label in kind.choices} for kind in kinds)
