"""Says in the history who changed a row, by which operation and why (docs/history.md).

The database writes a row of history for each change (django-pghistory); the context that is set here stands beside it.
Its keys are `operation`, `user`, `reason`, `url`, and those of `details`.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import pghistory
from django.contrib.auth.models import User
from django.utils.functional import Promise

from crs.users import name_of_user

Context = Mapping[str, Any] | None
_names: dict[str, str | Promise] = {}


class Operation(StrEnum):
    """What changes rows, as a code "room.operation"; each room lists its own in `operations.py`.

    The code is kept for good and in no language: readers translate it, by `name_of_operation` or in words of their own.
    """


@contextmanager
def recording(
    operation: Operation, *, by: User | None = None, reason: str = "", **details: str | int
) -> Iterator[None]:
    """Record what the block changes as the `operation` of `by`, for a `reason` in the words that a person typed.

    Without `by` it is the user whose session it is, if any. `details` are keys of rows, never personal data. Within
    one request the history keeps one context, so a second operation there would take the place of the first.
    """
    who = {} if by is None else {"user": by.pk}
    why = {"reason": reason} if reason else {}
    with pghistory.context(**details, **who, **why, operation=operation.value):
        yield


@contextmanager
def recording_part(operation: Operation, *, by: User | None = None, reason: str = "") -> Iterator[None]:
    """Record what the block changes as `operation` of `by`, unless it is part of an operation that has named itself.

    A `reason` that a person typed for this part is kept in either case.
    """
    with pghistory.context() as around:
        around.metadata.setdefault("operation", operation.value)
        if by is not None:
            around.metadata.setdefault("user", by.pk)
        if reason:
            around.metadata["reason"] = reason
        yield


@contextmanager
def in_session_of(user: int, *, url: str) -> Iterator[None]:
    """Record what the block changes under the name of the `user` (key) whose session it is."""
    with pghistory.context(user=user, url=url):
        yield


def add_names(names: Mapping[Any, str | Promise]) -> None:
    """Let the operations stand under these names where their history is shown."""
    _names.update(names)


def name_of_operation(context: Context) -> str | Promise:
    """What the operation of the context is called; empty where none set one."""
    return _names.get(str((context or {}).get("operation", "")), "")


def names_of_users(contexts: Iterable[Context]) -> dict[int, str]:
    """The names of those who stand in the contexts as `user`; one query."""
    keys = {context["user"] for context in contexts if context and context.get("user")}
    return {user.pk: name_of_user(user) for user in User.objects.filter(pk__in=keys)}
