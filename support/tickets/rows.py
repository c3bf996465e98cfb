"""The rows of tickets: locked by rising key, and written by the operations of this subject."""

from collections.abc import Iterable

from django.db import transaction

from support.models import Ticket


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends."""
    return _rows([ticket.pk])[ticket.pk]


def locked_all(keys: Iterable[int]) -> dict[int, Ticket]:
    """The tickets by their keys, locked by rising key."""
    return _rows(sorted(set(keys)))


def locked_main(ticket: Ticket) -> Ticket:
    """The ticket of which `ticket` is a part, or itself, locked.

    Whoever finds it merged meanwhile gives its lock back before taking the other one: of two tickets the lower key is
    locked first, and the other may have the lower one.
    """
    while True:
        with transaction.atomic():
            main = _rows([main_key(ticket.pk)]).popitem()[1]
            if not main.merged_into_id:
                return main
            transaction.set_rollback(True)


def main_key(key: int) -> int:
    """The key of the ticket of which this one is a part, or its own."""
    while above := Ticket.objects.values_list("merged_into", flat=True).get(pk=key):
        key = above
    return key


def family(ticket: Ticket) -> list[int]:
    """The keys of the ticket and of all that are parts of it."""
    found, last = [ticket.pk], [ticket.pk]
    while last := list(Ticket.objects.filter(merged_into__in=last).values_list("pk", flat=True)):
        found += last
    return found


def save(ticket: Ticket) -> None:
    """Write all but the words for searching, which `words` adds."""
    ticket.save(update_fields=_WRITTEN)


_WRITTEN = [field.name for field in Ticket._meta.concrete_fields if field.name not in ("id", "search")]


def _rows(keys: list[int]) -> dict[int, Ticket]:
    rows = Ticket.objects.select_for_update(no_key=True).defer("search").filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}
