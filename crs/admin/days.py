"""A filter of the admin by a day that is to come: today, tomorrow, this week, or a day that is typed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.typed_moment import parse_day, written_day

TODAY, TOMORROW, WEEK = "today", "tomorrow", "week"
# What is typed stands in the address by this name.
TYPED = "typed"


class DayFilter(admin.SimpleListFilter):
    """Rows of certain days; subclasses say which rows these are."""

    template = "admin/crs/day_filter.html"

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        # A typed day goes before a link that was followed earlier.
        self.typed = str((params.pop(self.typed_name, None) or [""])[-1]).strip()
        self.others = [
            (name, value)
            for name, values in request.GET.lists()
            if name not in (self.parameter_name, self.typed_name, "p")
            for value in values
        ]
        super().__init__(request, params, model, model_admin)

    @property
    def typed_name(self) -> str:
        """The name of the typed day in the address."""
        return f"{self.parameter_name}_{TYPED}"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(TODAY, _("Today")), (TOMORROW, _("Tomorrow")), (WEEK, _("This week, Monday to Sunday"))]

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name, self.typed_name]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The links; each takes the place of a typed day."""
        chosen = self.typed or self.value()
        rest = changelist.get_query_string(remove=[self.parameter_name, self.typed_name])
        yield {"selected": not chosen, "query_string": rest, "display": _("All")}
        for key, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: key}, [self.typed_name])
            yield {"selected": chosen == key, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.days()
        return queryset if days is None else self.of_days(queryset, *days)

    def days(self) -> tuple[date, date] | None:
        """The first and the last day that were asked for; None where none was, or nobody can read it."""
        today = timezone.localdate()
        if self.typed:
            try:
                day = parse_day(self.typed, today=today + timedelta(days=366))
            except ValueError:
                return None
            return day, day
        monday = today - timedelta(days=today.weekday())
        tomorrow = today + timedelta(days=1)
        known = {TODAY: (today, today), TOMORROW: (tomorrow, tomorrow), WEEK: (monday, monday + timedelta(days=6))}
        return known.get(str(self.value()))

    @property
    def is_unreadable(self) -> bool:
        """Whether a day was typed that nobody can read."""
        return bool(self.typed) and self.days() is None

    @property
    def shown(self) -> str:
        """The typed day as it was understood."""
        days = self.days()
        return written_day(days[0]) if self.typed and days else self.typed

    def of_days(self, queryset: QuerySet[Any], first: date, last: date) -> QuerySet[Any]:
        """Those of `queryset` that are about a day from `first` to `last`."""
        raise NotImplementedError
