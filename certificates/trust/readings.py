"""Notes that a list was read, which tells how old our knowledge is."""

from datetime import datetime

from certificates.models import ListReading

# Only the last one of each source counts; a few more show ops how it went.
KEPT = 10


def last_of(kind: ListReading.Kind, source: str) -> ListReading | None:
    """The last reading of a source."""
    return ListReading.objects.filter(kind=kind, source=source).order_by("-read_at", "-pk").first()


def note(
    *,
    kind: ListReading.Kind,
    source: str,
    issued_at: datetime,
    read_at: datetime,
    entries: int,
    expires_at: datetime | None = None,
) -> None:
    """Note the reading of a whole list, and forget those of long ago."""
    ListReading.objects.create(
        kind=kind, source=source, issued_at=issued_at, expires_at=expires_at, read_at=read_at, entries=entries
    )
    of_source = ListReading.objects.filter(kind=kind, source=source).order_by("-read_at", "-pk")
    of_source.exclude(pk__in=list(of_source.values_list("pk", flat=True)[:KEPT])).order_by().delete()
