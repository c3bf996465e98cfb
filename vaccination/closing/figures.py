"""Doses given against doses taken from the stock, of a site's day, by batch.

A dose belongs to the day on which it was given, its document of the ledger too, however late both were recorded. So a
late entry or a correction changes the figures of a day that was closed before.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from logistics.models import Batch, StockDocument, StockMovement, StorageCondition, VaccinationSite
from vaccination.models import Dose

Kind = StockDocument.Kind


@dataclass(frozen=True)
class OfBatch:
    """A batch: doses that people got and doses that the ledger gave out."""

    batch: Batch
    given: int
    consumed: int

    @property
    def difference(self) -> int:
        """Above zero: more left the stock than people got."""
        return self.consumed - self.given


@dataclass(frozen=True)
class Loose:
    """A consumption with no dose of that day, or with more doses than the person got."""

    document: StockDocument
    batch: Batch
    doses: int


@dataclass(frozen=True)
class Figures:
    """Both sides of a day; `documents_alone` and `doses_alone` are what stands on one side only."""

    by_batch: tuple[OfBatch, ...]
    documents_alone: tuple[Loose, ...]
    doses_alone: tuple[Dose, ...]
    wasted: int

    @property
    def given(self) -> int:
        """Doses that people got."""
        return sum(one.given for one in self.by_batch)

    @property
    def consumed(self) -> int:
        """Doses that the ledger gave out for people."""
        return sum(one.consumed for one in self.by_batch)

    @property
    def is_even(self) -> bool:
        """Whether each dose has its document and each document its dose."""
        return not (self.documents_alone or self.doses_alone or any(one.difference for one in self.by_batch))


def figures(site: VaccinationSite, day: date) -> Figures:
    """The doses of the Prague `day` at the site on both sides. Three queries."""
    doses = list(
        Dose.objects.valid()
        .filter(site=site, given_on=day, source=Dose.Source.SITE)
        .select_related("batch__vaccine", "consumption", "vaccine")
        .order_by("given_at")
    )
    taken = list(
        _movements(site, day, Kind.CONSUMPTION)
        .filter(item__batch__isnull=False)
        .select_related("document", "item__batch__vaccine")
        .order_by("document_id")
    )
    batches = {one.item.batch_id: one.item.batch for one in taken} | {dose.batch_id: dose.batch for dose in doses}
    given = Counter(dose.batch_id for dose in doses)
    consumed: Counter[int | None] = Counter()
    for movement in taken:
        consumed[movement.item.batch_id] -= movement.quantity
    return Figures(
        by_batch=tuple(
            OfBatch(batch, given[key], consumed[key])
            for key, batch in sorted(batches.items(), key=lambda pair: str(pair[1]))
            if batch is not None
        ),
        documents_alone=tuple(_documents_alone(taken, doses)),
        doses_alone=tuple(_doses_alone(doses, taken)),
        wasted=-sum(_movements(site, day, Kind.WASTE).values_list("quantity", flat=True)),
    )


def _movements(site: VaccinationSite, day: date, kind: Kind) -> QuerySet[StockMovement]:
    standing = StockDocument.objects.not_reversed().filter(store__site=site, happened_on=day, kind=kind)
    return StockMovement.objects.filter(document__in=standing, item__storage=StorageCondition.OPEN)


def _documents_alone(taken: Iterable[StockMovement], doses: Iterable[Dose]) -> Iterable[Loose]:
    with_dose = {dose.consumption_id: dose.batch_id for dose in doses}
    for movement in taken:
        batch = movement.item.batch
        assert batch is not None, "filtered"  # noqa: S101
        own = 1 if with_dose.get(movement.document_id) == batch.pk else 0
        if -movement.quantity > own:
            yield Loose(movement.document, batch, -movement.quantity - own)


def _doses_alone(doses: Iterable[Dose], taken: Iterable[StockMovement]) -> Iterable[Dose]:
    given_out = {(one.document_id, one.item.batch_id) for one in taken}
    return (dose for dose in doses if (dose.consumption_id, dose.batch_id) not in given_out)
