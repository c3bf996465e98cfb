"""What the rules of a dose look at, read in one call to the database.

The ORM takes 0.6 ms to spell a query, and twelve of them were most of a dose (docs/performance.md). So a function of
the database (vaccination/sql/dose_facts.sql) locks and reads, and the rows become models here that nobody saves.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from logistics.models import Batch, DoseInterval, DoseRule, StockItem, Store, Vaccine
from registration.models import Person, Registration
from vaccination.models import Dose, FilledQuestionnaire, Station, VialSession, Visit
from vaccination.models.observation import LEAST_MINUTES
from vaccination.questions.answers import Meaning

Row = Mapping[str, Any]
Model = TypeVar("Model", bound=models.Model)

_FACTS = "SELECT vaccination_dose_facts(%s, %s, %s, %s, %s, %s, %s)"
# What JSON writes as text.
_FROM_TEXT: dict[str, Callable[[Any], Any]] = {
    "DateField": date.fromisoformat,
    "DateTimeField": datetime.fromisoformat,
    "DecimalField": lambda number: Decimal(str(number)),
    "UUIDField": UUID,
}


@dataclass(frozen=True)
class Facts:
    """Rows as they were when they were read. `doses` are the valid ones by their times; `rules` those of the day.

    `filled` are the answers confirmed in the visit, `meaning` which answers mean anything, `minutes` how long people
    sit. Of the person only what the rules ask is loaded.
    """

    person: Person
    visit: Visit | None
    vial: VialSession | None
    item: StockItem
    batch: Batch
    doses: Sequence[Dose]
    store: Store | None
    held: int
    filled: FilledQuestionnaire | None
    meaning: Meaning
    is_day_closed: bool
    rules: Sequence[DoseRule]
    interval: DoseInterval | None
    minutes: int


def read(
    *,
    registration: Registration,
    site_id: UUID,
    day: date,
    visit_id: UUID | None,
    vial_id: UUID | None,
    item_id: int | None,
    is_locking: bool = False,
) -> Facts:
    """The facts of a dose given on `day`, from the vial or from the item.

    With `is_locking` the person and the registration are locked first, in this order, so that nobody records another
    dose or confirms other answers meanwhile. Raises DoesNotExist of what was named and is not there.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [registration.pk, site_id, day, visit_id, vial_id, item_id, is_locking])
        (rows,) = cursor.fetchone()
    if rows is None:
        raise Registration.DoesNotExist
    if visit_id is not None and rows["visit"] is None:
        raise Visit.DoesNotExist
    if vial_id is not None and rows["vial"] is None:
        raise VialSession.DoesNotExist
    if rows["item"] is None:
        raise StockItem.DoesNotExist
    assert rows["batch"] is not None, "opened vials have a batch"  # noqa: S101
    return _facts(rows)


def _facts(rows: Row) -> Facts:
    vaccines = {row["code"]: _built(Vaccine, row) for row in rows["vaccines"]}
    batch, item = _built(Batch, rows["batch"]), _built(StockItem, rows["item"])
    batch.vaccine, item.batch = vaccines[batch.vaccine_id], batch
    vial = _maybe(VialSession, rows["vial"])
    if vial is not None:
        vial.item, vial.station = item, _built(Station, rows["station"])
    doses = [_built(Dose, row) for row in rows["doses"] or ()]
    for dose in doses:
        dose.vaccine = vaccines[dose.vaccine_id]
    held = rows["held"]
    return Facts(
        person=_built(Person, rows["person"]),
        visit=_maybe(Visit, rows["visit"]),
        vial=vial,
        item=item,
        batch=batch,
        doses=doses,
        store=_built(Store, held["store"]) if held else None,
        held=held["quantity"] if held else 0,
        filled=_maybe(FilledQuestionnaire, rows["answers"]),
        meaning=frozenset((code, answer) for code, answer in rows["meaning"] or ()),
        is_day_closed=rows["is_closed"],
        rules=[_built(DoseRule, row) for row in rows["rules"] or ()],
        interval=_maybe(DoseInterval, rows["interval"]),
        minutes=rows["minutes"] or LEAST_MINUTES,
    )


def _maybe(model: type[Model], row: Row | None) -> Model | None:
    return None if row is None else _built(model, row)


def _built(model: type[Model], row: Row) -> Model:
    """The row as the ORM would have read it; a column that the row has not is read when somebody asks for it."""
    names, values = [], []
    for name, column, converted in _columns(model):
        if column in row:
            value = row[column]
            names.append(name)
            values.append(value if value is None or converted is None else converted(value))
    return model.from_db(connection.alias, names, values)


@cache
def _columns(model: type[models.Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """The attribute of each column, and what makes its value of JSON's."""
    return [(field.attname, str(field.column), _converted(field)) for field in model._meta.concrete_fields]


def _converted(field: Any) -> Callable[[Any], Any] | None:
    if hasattr(field, "from_db_value"):
        return lambda value: field.from_db_value(value, None, connection)
    target = field.target_field if field.is_relation else field
    return _FROM_TEXT.get(target.get_internal_type())
