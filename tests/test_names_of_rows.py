"""What rows are called: titles, breadcrumbs, choices and histories of the administration read it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models

KEY = UUID("4cf5b70a-0000-4000-8000-00000000abcd")
# Half past midnight of the next day in Prague.
MOMENT, IN_PRAGUE = datetime(2027, 1, 11, 23, 30, tzinfo=UTC), "12. 1. 2027 0:30"
DAY = date(2026, 12, 5)
OF_MACHINES = re.compile(rf"{str(KEY)[:8]}|\d{{4}}-\d\d-\d\d|23:30|11\. 1\.| object \(")
OURS = [
    model
    for model in apps.get_models()
    if (model.__module__.split(".")[0] + ".")
    in ("crs.", "logistics.", "registration.", "reservation.", "vaccination.", "certificates.", "support.")
    and not model._meta.auto_created
    and not hasattr(model, "pgh_tracked_model")
]


@cache
def made(model: type[models.Model], depth: int = 4) -> models.Model:
    """A row that no database has seen, with the rows that it needs and, down to `depth`, those it may refer to."""
    row = model()
    for field in model._meta.concrete_fields:
        if not isinstance(field, models.ForeignKey):
            setattr(row, field.attname, _value(field))
        elif not field.null or (depth and field.related_model is not model):
            setattr(row, field.name, made(field.related_model, max(depth - 1, 0)))
    return row


def _value(field: Any) -> Any:
    if field.choices:
        return field.flatchoices[0][0]
    kinds = {
        models.UUIDField: KEY,
        models.DateTimeField: MOMENT,
        models.DateField: DAY,
        models.TimeField: time(8),
        models.DurationField: timedelta(hours=1),
        models.BooleanField: False,
        models.JSONField: {"cs": "x"},
        models.BinaryField: b"x",
        models.IntegerField: 7,
        models.DecimalField: 7,
    }
    return next((value for kind, value in kinds.items() if isinstance(field, kind)), "x")


@pytest.mark.django_db
def test_no_row_is_called_by_a_key_or_by_the_time_of_machines() -> None:
    names = {model._meta.label: str(made(model)) for model in OURS}
    assert len(names) > 100
    wrong = {label: name for label, name in names.items() if OF_MACHINES.search(name)}
    assert wrong == {}
