"""What goes with a row that is deleted, and what forbids it, in numbers.

Django writes each row by name: a vaccine's slots are hundreds of thousands, and reading them takes minutes.
"""

from collections import Counter
from typing import Any

from django.db import models, router
from django.db.models import Model, QuerySet
from django.db.models.deletion import Collector
from django.utils.text import capfirst


class Consequences(Collector):
    """The rows that would go with `rows` of `model`. Rows that forbid it are counted in the database, never read."""

    def __init__(self, model: type[Model], rows: Any) -> None:
        self._forbidding: dict[type[Model], QuerySet[Any]] = {}
        super().__init__(using=router.db_for_write(model), origin=rows)
        self.collect(rows)

    def related_objects(self, related_model: type[Model], related_fields: Any, objs: Any) -> QuerySet[Any]:
        """The rows that lead to `objs` and go with them; Django asks for each relation, also for one that forbids."""
        rows = super().related_objects(related_model, related_fields, objs)
        if not any(field.remote_field.on_delete is models.PROTECT for field in related_fields):
            return rows
        known = self._forbidding.get(related_model)
        self._forbidding[related_model] = rows if known is None else known | rows
        return rows.none()

    def going(self) -> Counter[type[Model]]:
        """How many rows of each model would go."""
        found = Counter({model: len(rows) for model, rows in self.data.items()})
        for rows in self.fast_deletes:
            found[rows.model] += rows.count()
        return +found

    def forbidding(self) -> list[str]:
        """How many rows of each kind forbid it, in words."""
        found = [(model, rows.count()) for model, rows in self._forbidding.items()]
        return [f"{capfirst(str(model._meta.verbose_name_plural))}: {number}" for model, number in found if number]
