"""Queries of the ORM that are spelled once in a process, for what every page of a citizen asks (docs/performance.md).

Django spells a query anew each time it is asked, which takes longer than PostgreSQL needs to answer it. What comes out
here are the same models by the same SQL; what a query is told stands in it as `Given("name")`:

    _BY_KEY = Prepared(lambda: Site.objects.open().filter(pk=Given("key")))
    site = _BY_KEY.first(key=site_id)
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Field, Model, QuerySet, Value
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

from crs.plain_sql import planned_cursor

M = TypeVar("M", bound=Model)
Rows = tuple[tuple[Any, ...], ...]


class Given(Value):
    """What a query is told by this name when it is asked: a number, text, a key, a day, a moment; never None."""

    def __init__(self, name: str) -> None:
        super().__init__(name, output_field=Field())

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """A place in the SQL, and this in the list of what comes there."""
        return "%s", [self]


class Prepared(Generic[M]):
    """A query whose SQL is kept.

    `make` is called once in a process, when the query is asked for the first time. So what it reads (the clock, a
    setting, the language) would stay as it was then; whatever changes is `Given`. It prefetches nothing: `keep` is for
    that.
    """

    def __init__(self, make: Callable[[], QuerySet[M]]) -> None:
        self._make = make

    def all(self, **told: Any) -> list[M]:
        """The rows, in the query's order."""
        return self.made(self.rows(**told))

    def first(self, **told: Any) -> M | None:
        """The first row; None where there is none. The query should bring one."""
        return next(iter(self.all(**told)), None)

    def rows(self, **told: Any) -> Rows:
        """What the database says, of which `made` makes models: where it is the same, they would be the same."""
        return self._spelled.read(told)

    def made(self, rows: Rows) -> list[M]:
        """The models of what `rows` gave."""
        return [self._spelled.made(row) for row in rows]

    @cached_property
    def _spelled(self) -> "_Spelled[M]":
        # Two threads may do it at once; they come to the same.
        return _Spelled(self._make())


class _Spelled(Generic[M]):
    """The SQL, and how to make models of its rows, as `django.db.models.query.ModelIterable` does."""

    def __init__(self, queryset: QuerySet[M]) -> None:
        query: Any = queryset
        if query._iterable_class is not ModelIterable or query._prefetch_related_lookups:
            raise ValueError("A prepared query gives models, and prefetches nothing.")
        compiler = query.query.get_compiler(using=query.db)
        self._sql, self._values = compiler.as_sql()
        chosen, info = compiler.select, compiler.klass_info
        self._model: type[M] = info["model"]
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self._own = slice(first, last + 1)
        self._names = [column[0].target.attname for column in chosen[self._own]]
        self._related = get_related_populators(info, chosen, query.db)  # type: ignore[call-arg]  # a later Django's
        self._annotations = dict(compiler.annotation_col_map or {})
        columns = [column[0] for column in chosen[: compiler.col_count]]
        self._converters = list(compiler.get_converters(columns).items())
        self._database = query.db
        self._locks = query.query.select_for_update

    def read(self, told: dict[str, Any]) -> Rows:
        if self._locks and not connection.in_atomic_block:
            raise TransactionManagementError("A lock lasts as long as its transaction, and there is none.")
        values = [told[value.value] if isinstance(value, Given) else value for value in self._values]
        with planned_cursor() as cursor:
            cursor.execute(self._sql, values)
            return tuple(cursor.fetchall())

    def made(self, row: Sequence[Any]) -> M:
        columns = list(row)
        for place, (converters, column) in self._converters:
            for convert in converters:
                columns[place] = convert(columns[place], column, connection)
        made = self._model.from_db(self._database, self._names, columns[self._own])
        for related in self._related:
            related.populate(columns, made)
        for name, place in self._annotations.items():
            setattr(made, name, columns[place])
        return made


def keep(instance: Model, name: str, rows: Iterable[Model]) -> None:
    """Let `instance.<name>.all()`, the rows that refer to it, be `rows`: as `prefetch_related` leaves it."""
    manager: Any = getattr(instance, name)
    kept = manager.all()
    kept._result_cache, kept._prefetch_done = list(rows), True
    for row in kept._result_cache:
        manager.field.set_cached_value(row, instance)
    keeping: Any = instance
    if not hasattr(keeping, "_prefetched_objects_cache"):
        keeping._prefetched_objects_cache = {}
    keeping._prefetched_objects_cache[manager.field.remote_field.cache_name] = kept
