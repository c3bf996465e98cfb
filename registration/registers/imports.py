"""Takes over files of registers into this database.

A record is known by its key: the hash of an insured person's number, or the number of a health worker. What a file says
anew replaces what was known. With `is_whole` the file is the register: what it does not name goes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import models
from django.utils import timezone

from crs.advisory_locks import Lock, take
from logistics.open_data import reader
from logistics.open_data.reader import BadValue, FileLine, Problem
from registration.models import HealthWorkerRecord, InsuredRecord, Person
from registration.people import insured_number
from registration.people.errors import InvalidInsuredNumber
from registration.registers import tables

ROWS_AT_ONCE = 1_000
_NUMBER = frozenset({"insured_number", "cislo_pojistence", "číslo_pojištěnce", "cp", "rc", "rodne_cislo"})
_FIRST_NAME = frozenset({"first_name", "jmeno", "jméno"})
_LAST_NAME = frozenset({"last_name", "surname", "prijmeni", "příjmení"})


@dataclass(frozen=True)
class Table:
    """A kind of file: its model, the key among its fields, the names of its columns, and what makes fields of a line.

    `fields_of` raises BadValue and InvalidInsuredNumber.
    """

    model: type[models.Model]
    key: str
    columns: Mapping[str, frozenset[str]]
    fields_of: Callable[[dict[str, str], date], dict[str, Any]]


@dataclass
class Result:
    """What an import did."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return self.added + self.replaced + self.unchanged + len(self.problems)


def take_over(
    table: Table, path: Path, *, now: datetime, is_whole: bool = False, progress: Callable[[int], None] | None = None
) -> Result:
    """Take over the file in the caller's transaction. Raises UnreadableFile.

    A whole register is not taken for whole where a line of it could not be used: then nothing is removed.
    """
    take(Lock.REGISTER_IMPORT, table.model.__name__)
    result = Result()
    for lines in _by_thousands(reader.read(path, table.columns)):
        _write(table, _records(table, lines, path.name, result, now=now), path.name, result, now=now)
        if progress is not None:
            progress(result.lines)
    if is_whole and not result.problems and result.lines:
        result.removed = table.model._default_manager.filter(imported_at__lt=now).delete()[0]
    return result


def _records(
    table: Table, lines: list[FileLine | Problem], file: str, result: Result, *, now: datetime
) -> dict[str, tuple[int, dict[str, Any]]]:
    """The fields of each line that can be used, with its number, by key."""
    today = timezone.localdate(now)
    records: dict[str, tuple[int, dict[str, Any]]] = {}
    for line in lines:
        if isinstance(line, Problem):
            result.problems.append(line)
            continue
        try:
            fields = table.fields_of(line.values, today)
        except BadValue as error:
            result.problems.append(Problem(file, line.number, str(error)))
        except InvalidInsuredNumber as error:
            result.problems.append(Problem(file, line.number, f"the insured person's number: {error}"))
        else:
            first = records.setdefault(fields[table.key], (line.number, fields))
            if first[0] != line.number:
                result.problems.append(_twice(file, line.number))
    return records


def _write(
    table: Table, records: dict[str, tuple[int, dict[str, Any]]], file: str, result: Result, *, now: datetime
) -> None:
    rows = table.model._default_manager
    known = {getattr(row, table.key): row for row in rows.filter(**{f"{table.key}__in": records})}
    written, same = [], []
    for key, (number, fields) in records.items():
        row = known.get(key)
        if row is None:
            result.added += 1
        elif getattr(row, "imported_at") == now:  # noqa: B009
            result.problems.append(_twice(file, number))
            continue
        elif all(getattr(row, name) == value for name, value in fields.items()):
            result.unchanged += 1
            same.append(row.pk)
            continue
        else:
            result.replaced += 1
        written.append(table.model(**fields, imported_at=now))
    rows.filter(pk__in=same).update(imported_at=now)
    if written:
        names = [one.name for one in table.model._meta.concrete_fields if one.name != table.key and not one.primary_key]
        rows.bulk_create(written, update_conflicts=True, unique_fields=[table.key], update_fields=names)


def _twice(file: str, number: int) -> Problem:
    return Problem(file, number, "it stands in the file already, in an earlier line")


def _by_thousands(lines: Iterator[FileLine | Problem]) -> Iterator[list[FileLine | Problem]]:
    part: list[FileLine | Problem] = []
    for line in lines:
        part.append(line)
        if len(part) == ROWS_AT_ONCE:
            yield part
            part = []
    yield part


def _insured(values: dict[str, str], today: date) -> dict[str, Any]:
    birth_date = tables.day(values["birth_date"])
    number = insured_number.parse(values["insured_number"], today=today)
    _refuse_lost_zero(number.digits, birth_date, today)
    insurer = values["insurer"]
    if insurer not in Person.Insurer.values:
        raise BadValue("the insurer is none of " + ", ".join(Person.Insurer.values))
    return {
        "number_hash": insured_number.lookup_hash(number.digits),
        "first_name": tables.words(values["first_name"], what="the first name", longest=80, is_needed=False),
        "last_name": tables.words(values["last_name"], what="the surname", longest=80),
        "birth_date": birth_date,
        "insurer": insurer,
        "insured_until": tables.day_or_none(values["insured_until"]),
        "died_on": tables.day_or_none(values["died_on"]),
    }


def _health_worker(values: dict[str, str], today: date) -> dict[str, Any]:
    number = insured_number.parse(values["insured_number"], today=today)
    return {
        "number_hash": insured_number.lookup_hash(number.digits),
        "worker_number": tables.words(values["worker_number"], what="the worker's number", longest=12),
        "first_name": tables.words(values["first_name"], what="the first name", longest=80, is_needed=False),
        "last_name": tables.words(values["last_name"], what="the surname", longest=80),
        "profession": tables.words(values["profession"], what="the profession", longest=120),
        "facility": tables.words(values["facility"], what="the facility", longest=200, is_needed=False),
        "until": tables.day_or_none(values["until"]),
    }


def _refuse_lost_zero(digits: str, birth_date: date, today: date) -> None:
    """Raises BadValue where a spreadsheet has taken the zero at the beginning, which makes another number of it."""
    if len(digits) != insured_number.SHORTEST or insured_number.of_digits(digits, today=today).birth_date == birth_date:
        return
    try:
        whole = insured_number.of_digits(f"0{digits}", today=today)
    except InvalidInsuredNumber:
        return
    if whole.birth_date == birth_date:
        raise BadValue("the number lost the zero at its beginning; save the column as text")


INSURED = Table(
    InsuredRecord,
    "number_hash",
    {
        "insured_number": _NUMBER,
        "first_name": _FIRST_NAME,
        "last_name": _LAST_NAME,
        "birth_date": frozenset({"birth_date", "datum_narozeni", "datum_narození"}),
        "insurer": frozenset({"insurer", "pojistovna", "pojišťovna", "zp"}),
        "insured_until": frozenset({"insured_until", "pojisten_do", "pojištěn_do"}),
        "died_on": frozenset({"died_on", "datum_umrti", "datum_úmrtí"}),
    },
    _insured,
)
HEALTH_WORKERS = Table(
    HealthWorkerRecord,
    "worker_number",
    {
        "worker_number": frozenset({"worker_number", "cislo_pracovnika", "číslo_pracovníka"}),
        "insured_number": _NUMBER,
        "first_name": _FIRST_NAME,
        "last_name": _LAST_NAME,
        "profession": frozenset({"profession", "povolani", "povolání", "odbornost"}),
        "facility": frozenset({"facility", "zarizeni", "zařízení"}),
        "until": frozenset({"until", "registrovan_do", "registrován_do", "do"}),
    },
    _health_worker,
)
