"""The adverse events of a site: the list, what counts there, and the changes of one as the history has them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from crs import history
from logistics.models import VaccinationSite
from reservation.models import PragueDate
from vaccination.models import AdverseEvent, Dose, Reaction
from vaccination.models.observation import Outcome
from vaccination.operations import Operation


@dataclass(frozen=True)
class BatchCount:
    """The events of a batch at a site, those of them that are serious, and all doses of it that were given there."""

    batch: str
    vaccine: str
    events: int
    serious: int
    doses: int


@dataclass(frozen=True)
class SeriousnessCount:
    """How many events are serious because of one thing; an event counts at each of its reasons."""

    label: str
    events: int


@dataclass(frozen=True)
class ReportChange:
    """A change of a report: the new `outcome` of `term`, or its nullification, with the reason."""

    at: datetime
    by: str
    reason: str = ""
    term: str = ""
    outcome: str = ""
    ended_at: datetime | None = None


def events(site: VaccinationSite, *, since: date | None = None, until: date | None = None) -> QuerySet[AdverseEvent]:
    """The events reported at the site from `since` to `until`, days in Prague, the newest first; nullified ones too."""
    known = AdverseEvent.objects.filter(dose__site=site).annotate(recorded_on=PragueDate("recorded_at"))
    if since:
        known = known.filter(recorded_on__gte=since)
    if until:
        known = known.filter(recorded_on__lte=until)
    shown = known.select_related("dose__person", "dose__vaccine", "dose__batch").prefetch_related("reactions")
    return shown.order_by("-recorded_at", "pk")


def by_batch(site: VaccinationSite, *, since: date | None, until: date | None) -> list[BatchCount]:
    """Counts of each batch after which something was reported in these days, most events first."""
    serious = Count("pk", filter=~Q(seriousness=[]))
    rows = list(
        _counted(site, since, until)
        .values(batch=F("dose__batch__number"), key=F("dose__batch"), vaccine=F("dose__vaccine__name"))
        .annotate(events=Count("pk"), serious=serious)
        .order_by("-events", "batch")
    )
    doses = Dose.objects.valid().filter(site=site, batch__in=[row["key"] for row in rows])
    given = dict(doses.order_by().values_list("batch").annotate(Count("pk")))
    return [
        BatchCount(row["batch"] or "–", row["vaccine"], row["events"], row["serious"], given.get(row["key"], 0))
        for row in rows
    ]


def by_seriousness(site: VaccinationSite, *, since: date | None, until: date | None) -> list[SeriousnessCount]:
    """Counts of these days by each reason to be serious that occurs, and of events that are not serious."""
    counted: Counter[str] = Counter()
    for reasons in _counted(site, since, until).order_by().values_list("seriousness", flat=True):
        counted.update(reasons or [""])
    labels = [(one.value, str(one.label)) for one in AdverseEvent.Seriousness]
    return [SeriousnessCount(label, counted[code]) for code, label in [*labels, ("", "")] if counted[code]]


def changes_of(event: AdverseEvent) -> list[ReportChange]:
    """Corrected outcomes and the nullification of the report, the oldest first."""
    told: list[tuple[Any, dict[str, Any]]] = []
    corrected = _versions(Reaction).filter(event=event.pk).select_related("pgh_context", "pgh_obj")
    nullified = _versions(AdverseEvent).filter(pgh_obj=event.pk).select_related("pgh_context")
    for versions, operation in ((corrected, Operation.CORRECT_OUTCOME), (nullified, Operation.NULLIFY_EVENT)):
        for version in versions.filter(pgh_context__metadata__operation=operation.value, pgh_label="update"):
            told.append((version, version.pgh_context.metadata))  # noqa: PERF401
    names = history.names_of_users([context for _version, context in told])
    changes = [
        ReportChange(
            at=version.pgh_created_at,
            by=names.get(context.get("user", 0), ""),
            reason="" if hasattr(version, "outcome") else event.nullified_because or "",
            term=version.pgh_obj.term if hasattr(version, "outcome") else "",
            outcome=str(Outcome(version.outcome).label) if hasattr(version, "outcome") else "",
            ended_at=getattr(version, "ended_at", None),
        )
        for version, context in told
        if hasattr(version, "outcome") or version.state == AdverseEvent.State.NULLIFIED
    ]
    return sorted(changes, key=lambda change: change.at)


def _counted(site: VaccinationSite, since: date | None, until: date | None) -> QuerySet[AdverseEvent]:
    """Reports that stand, of doses that were really given."""
    return (
        events(site, since=since, until=until)
        .filter(state=AdverseEvent.State.REPORTED, dose__state=Dose.State.VALID)
        .prefetch_related(None)
    )


def _versions(model: Any) -> Any:
    return model.events.rel.related_model.objects
