"""What the history keeps of a row, as the admin shows it: when, who, which operation, and what changed.

Values are shown of the fields that the screen shows; of all others only that they changed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.admin.utils import display_for_field
from django.db.models import Field, ForeignKey, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from crs import history

NOTHING = "–"
# The page shows the latest so many versions; earlier ones are found in the database alone.
MOST = 300


@dataclass(frozen=True)
class Change:
    """One version of a row: what it says now beside what it said before."""

    at: datetime
    by: str
    what: str | Promise
    row: str
    reason: str
    values: tuple[str, ...]


def event_model_of(model: type[Model]) -> type[Model] | None:
    """The versions of the rows of `model`, if the database keeps them."""
    return next((found for found in apps.get_models() if getattr(found, "pgh_tracked_model", None) is model), None)


def changes(
    row: Model, *, shown: frozenset[str], below: Iterable[tuple[type[Model], str, frozenset[str]]]
) -> list[Change]:
    """The changes of the row and of the rows below it, the newest first.

    `below` names their models, the field that leads to the row, and the fields that are shown.
    """
    versions = [(version, shown, "") for version in _versions(type(row), pgh_obj_id=row.pk)]
    for model, way, fields in below:
        name = str(capfirst(model._meta.verbose_name))
        versions += [(version, fields, name) for version in _versions(model, **{f"{way}_id": row.pk})]
    versions = sorted(versions, key=lambda found: (found[0].pgh_created_at, found[0].pgh_id))[-MOST:]
    users = history.names_of_users(version.pgh_context and version.pgh_context.metadata for version, *_rest in versions)
    return [*_told(versions, users)][::-1]


def _versions(model: type[Model], **which: Any) -> list[Any]:
    """The latest versions, no more than are shown: a row may have thousands."""
    kept = event_model_of(model)
    if kept is None:
        return []
    return list(kept._default_manager.filter(**which).select_related("pgh_context").order_by("-pgh_id")[:MOST])


def _before(versions: list[tuple[Any, frozenset[str], str]]) -> dict[tuple[Any, Any], Any]:
    """The last version of each row before the first of `versions`, where any may have been left out."""
    before: dict[tuple[Any, Any], Any] = {}
    if len(versions) < MOST:
        return before
    for kept in {type(version) for version, *_rest in versions}:
        read = [version for version, *_rest in versions if type(version) is kept]
        earlier = kept._default_manager.filter(
            pgh_obj_id__in={version.pgh_obj_id for version in read}, pgh_id__lt=min(version.pgh_id for version in read)
        )
        for version in earlier.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id"):
            before[kept, version.pgh_obj_id] = version
    return before


def _told(versions: list[tuple[Any, frozenset[str], str]], users: dict[int, str]) -> Iterator[Change]:
    before = _before(versions)
    for version, shown, name in versions:
        context = version.pgh_context.metadata if version.pgh_context else {}
        key = (type(version), version.pgh_obj_id)
        yield Change(
            at=version.pgh_created_at,
            by=users.get(context.get("user", 0), ""),
            what=history.name_of_operation(context),
            row=name,
            reason=context.get("reason", ""),
            values=tuple(_values(version, before.get(key), shown)),
        )
        before[key] = version


def _values(version: Any, before: Any, shown: frozenset[str]) -> Iterator[str]:
    """What the version says, or where there is one before, what it says otherwise."""
    if version.pgh_label == "delete":
        yield _("The row was deleted.")
        return
    for field in version.pgh_tracked_model._meta.concrete_fields:
        if field.primary_key or not hasattr(version, field.attname):
            continue
        now = getattr(version, field.attname)
        if before is None and (field.name not in shown or now in (None, "", [], {})):
            continue
        if before is not None and getattr(before, field.attname) == now:
            continue
        label = capfirst(str(field.verbose_name))
        if field.name not in shown:
            yield _("%(field)s: changed") % {"field": label}
        elif before is None:
            yield f"{label}: {_written(field, version)}"
        else:
            yield f"{label}: {_written(field, before)} → {_written(field, version)}"


def _written(field: Field[Any, Any], version: Any) -> str:
    """The value as the screens write it; a related row by its name, where it is there still."""
    value = getattr(version, field.attname)
    if value is None:
        return NOTHING
    if isinstance(field, ForeignKey):
        found = field.related_model._base_manager.filter(**{field.target_field.attname: value}).first()
        return NOTHING if found is None else str(found)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value)) or NOTHING
    return display_for_field(value, field, NOTHING) or NOTHING
