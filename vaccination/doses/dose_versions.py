"""The versions of a dose's record: what each correction changed, who made it and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crs import history
from crs.typed_moment import written
from logistics.models import Batch
from vaccination.models import Dose, HealthWorker
from vaccination.operations import Operation

# What people see of a version; the keys of the stock and of the visit follow from it.
_SHOWN = ("number", "vaccine_id", "batch_id", "given_at", "where", "is_dominant_side", "given_by_id", "doctor_id")
_CHOICES = {"where": Dose.Where, "state": Dose.State, "error": Dose.Error}


@dataclass(frozen=True)
class FieldChange:
    """A value that a version has instead of the one before."""

    label: str | Promise
    old: str
    new: str


@dataclass(frozen=True)
class Version:
    """A version of the record: who made it, by which operation, why, and what it changed."""

    at: datetime
    by: str
    operation: str
    reason: str
    changes: tuple[FieldChange, ...]


def versions(dose: Dose) -> list[Version]:
    """The versions of the record, the newest first; four queries at most."""
    events = apps.get_model("vaccination", "DoseEvent").objects.filter(pgh_obj=dose.pk)
    rows = list(events.order_by("pgh_id").values(*_SHOWN, "state", "error", "pgh_created_at", "pgh_context__metadata"))
    names = history.names_of_users(row["pgh_context__metadata"] for row in rows)
    words = _Words(rows)
    found = []
    for before, row in zip([None, *rows], rows, strict=False):
        told = row["pgh_context__metadata"] or {}
        changes = () if before is None else words.changes(before, row)
        if before is not None and not changes:
            continue
        found.append(
            Version(
                at=row["pgh_created_at"],
                by=names.get(told.get("user", 0), ""),
                operation=_operation(told),
                reason=str(told.get("reason", "")),
                changes=changes,
            )
        )
    return found[::-1]


class _Words:
    """The values of versions as people read them."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        kept = list(rows)
        self._batches = Batch.objects.in_bulk({row["batch_id"] for row in kept if row["batch_id"]})
        people = {row[name] for row in kept for name in ("given_by_id", "doctor_id") if row[name]}
        self._workers = HealthWorker.objects.in_bulk(people)

    def changes(self, before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
        different = [name for name in (*_SHOWN, "state", "error") if before[name] != after[name]]
        return tuple(FieldChange(_label(name), self._text(name, before), self._text(name, after)) for name in different)

    def _text(self, name: str, row: dict[str, Any]) -> str:
        value = row[name]
        if value is None or value == "":
            return "–"
        match name:
            case "batch_id":
                return str(self._batches[value])
            case "given_by_id" | "doctor_id":
                return self._workers[value].name
            case "given_at":
                return written(value)
            case "is_dominant_side":
                return _("yes") if value else _("no")
            case "where" | "state" | "error":
                return str(_CHOICES[name](value).label)
        return str(value)


def _label(name: str) -> str | Promise:
    field: Any = Dose._meta.get_field(name.removesuffix("_id"))
    label: str | Promise = field.verbose_name
    return label


def _operation(told: dict[str, Any]) -> str:
    return {
        Operation.RECORD_DOSE: _("Recorded"),
        Operation.CORRECT_DOSE: _("Corrected"),
        Operation.ANNUL_DOSE: _("Entered in error"),
    }.get(told.get("operation", ""), _("Recorded"))
