"""The ministry's anonymous registrations, replayed: for each row somebody is made up and registered.

Nobody is told, no register is asked and no code is used. A row is written together with its key in one transaction, so
what a killed run has written stays, and the next run goes on after it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crs.advisory_locks import Lock, take
from logistics.models import VaccinationSite
from logistics.open_data.reader import Problem, check
from registration.models import PriorityGroup, ReplayedRow
from registration.replay import registering
from registration.replay.errors import MessagesAreReal
from registration.replay.rows import COLUMNS, Row, RowReader

ROWS_AT_ONCE = 1000
_INBOX = "crs.messaging.gateways.inbox.InboxGateway"
Progress = Callable[[str, int], None]


@dataclass
class Replay:
    """The outcome of a run; `read` is the sum of `replayed`, `replayed_before` and the problems."""

    read: int = 0
    replayed: int = 0
    replayed_before: int = 0
    claims: int = 0
    had_reservation: int = 0
    problems: list[Problem] = field(default_factory=list)


def refuse_where_messages_are_real() -> None:
    """Raises MessagesAreReal."""
    if {settings.SMS_GATEWAY, settings.EMAIL_GATEWAY} != {_INBOX}:
        raise MessagesAreReal


def replay(
    *,
    paths: Sequence[Path],
    now: datetime,
    is_dry_run: bool = False,
    progress: Progress = lambda _what, _done: None,
) -> Replay:
    """Register somebody for each sound row that no run has taken yet. Raises MessagesAreReal, UnreadableFile.

    `progress` gets the present step and the number of rows that are done.
    """
    refuse_where_messages_are_real()
    # What is registered stays, so a file that ends too early must be known before.
    for path in paths:
        check(path, COLUMNS)
    result = Replay()
    reader = RowReader(
        sites=frozenset(VaccinationSite.objects.values_list("pk", flat=True)),
        groups=frozenset(PriorityGroup.objects.values_list("pk", flat=True)),
        today=timezone.localdate(now),
    )
    for rows in _portions(paths, reader, result):
        if is_dry_run:
            _new_of(rows, result)
        else:
            _write(rows, result)
        progress("rows", result.read)
    return result


def _portions(paths: Sequence[Path], reader: RowReader, result: Replay) -> Iterator[list[Row]]:
    """The sound rows, so many at once."""
    portion: list[Row] = []
    for path in paths:
        for row in reader.read(path):
            result.read += 1
            if isinstance(row, Problem):
                result.problems.append(row)
                continue
            portion.append(row)
            if len(portion) == ROWS_AT_ONCE:
                yield portion
                portion = []
    yield portion


def _new_of(rows: Sequence[Row], result: Replay) -> list[Row]:
    """The rows that no run has taken, counted."""
    known = set(ReplayedRow.objects.filter(pk__in=[row.key for row in rows]).values_list("pk", flat=True))
    new = [row for row in rows if row.key not in known]
    result.replayed_before += len(rows) - len(new)
    result.replayed += len(new)
    result.claims += sum(len(row.groups) for row in new)
    result.had_reservation += sum(row.had_reservation for row in new)
    return new


@transaction.atomic
def _write(rows: Sequence[Row], result: Replay) -> None:
    take(Lock.REPLAY)  # two runs share the work: the second finds what the first has written
    new = _new_of(rows, result)
    registrations = registering.register(new, registering.people_of(new))
    ReplayedRow.objects.bulk_create(
        ReplayedRow(key=row.key, registration=registration)
        for registration, row in zip(registrations, new, strict=True)
    )
