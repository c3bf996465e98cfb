"""Adverse events: reporting one, adding to it later, correcting an outcome, nullifying a report (DOMAIN 10.3).

Nothing is deleted: a report in error is nullified with a reason, the history keeps each version of a reaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crs import history, sent_forms
from crs.sent_forms import Outcome as FormOutcome
from logistics.stock.ledger import EntryContext
from registration.models import Person
from vaccination.models import AdverseEvent, AdverseEventAddition, Dose, HealthWorker, Reaction
from vaccination.models.observation import Outcome
from vaccination.observation import errors
from vaccination.operations import Operation

_State = AdverseEvent.State
_NOT_OVER = (Outcome.RECOVERING, Outcome.NOT_RECOVERED)


@dataclass(frozen=True)
class ReactionEntry:
    """A reaction in the reporter's words, of at most 50 characters."""

    term: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = Outcome.UNKNOWN


@dataclass(frozen=True)
class EventEntry:
    """The words of a reporter about an adverse event."""

    reactions: Sequence[ReactionEntry]
    intensity: str
    narrative: str
    reporter: HealthWorker
    seriousness: Sequence[str] = ()
    cause: str = AdverseEvent.Cause.UNKNOWN
    is_unexpected: bool = False
    treatment: str = ""


def report(*, dose: Dose, entry: EventEntry, context: EntryContext) -> AdverseEvent:
    """Report an adverse event after `dose`.

    Raises DoseInError, ReporterFromElsewhere, NoReaction, BeganBeforeTheDose, InTheFuture, EndedBeforeItBegan,
    StillGoesOn, FatalWithoutDeath, NumberInText, FormChanged. The dose is looked at without a lock: one that is
    annulled a moment later has its event all the same, and the event's page says so.
    """
    if dose.state != Dose.State.VALID:
        raise errors.DoseInError
    if entry.reporter.site_id != dose.site_id or entry.reporter.ended_at is not None:
        raise errors.ReporterFromElsewhere
    if not entry.reactions:
        raise errors.NoReaction
    for reaction in entry.reactions:
        require_plausible(reaction, dose=dose, now=context.now)
    is_fatal = any(reaction.outcome == Outcome.FATAL for reaction in entry.reactions)
    if is_fatal and AdverseEvent.Seriousness.DEATH not in entry.seriousness:
        raise errors.FatalWithoutDeath
    terms = [reaction.term for reaction in entry.reactions]
    _require_no_number(dose.person, entry.narrative, entry.treatment, *terms)

    def write() -> FormOutcome:
        with history.recording(Operation.REPORT_EVENT, by=context.by):
            event = AdverseEvent.objects.create(
                dose=dose,
                seriousness=[one.value for one in AdverseEvent.Seriousness if one in entry.seriousness],
                intensity=entry.intensity,
                cause=entry.cause,
                is_unexpected=entry.is_unexpected,
                narrative=entry.narrative,
                treatment=entry.treatment or None,
                reporter=entry.reporter,
                recorded_at=context.now,
                recorded_by=context.by,
            )
            Reaction.objects.bulk_create(
                Reaction(
                    event=event,
                    term=reaction.term,
                    started_at=reaction.started_at,
                    ended_at=reaction.ended_at,
                    outcome=reaction.outcome,
                )
                for reaction in entry.reactions
            )
        return {"event": str(event.pk)}

    outcome = sent_forms.once(context.form, write) or {}
    return AdverseEvent.objects.get(pk=outcome["event"])


def add(*, event: AdverseEvent, text: str, context: EntryContext) -> None:
    """Add what was learnt later; the report stays as it was written.

    Raises EventNullified, NumberInText, FormChanged.
    """
    _require_no_number(event.dose.person, text)

    def write() -> FormOutcome:
        _lock(event)
        AdverseEventAddition.objects.create(event=event, text=text, added_at=context.now, added_by=context.by)
        return {}

    sent_forms.once(context.form, write)


def correct_outcome(*, reaction: Reaction, outcome: str, ended_at: datetime | None, context: EntryContext) -> None:
    """Write how the reaction ended, and when; the history keeps what was known before.

    A fatal outcome makes the event serious because of death. Raises EventNullified, InTheFuture, EndedBeforeItBegan,
    StillGoesOn, FormChanged.
    """
    if ended_at is not None:
        _require_end(reaction.started_at, ended_at, outcome, context.now)

    def write() -> FormOutcome:
        event = _lock(reaction.event)
        with history.recording(Operation.CORRECT_OUTCOME, by=context.by):
            Reaction.objects.filter(pk=reaction.pk).update(outcome=outcome, ended_at=ended_at)
            if outcome == Outcome.FATAL and AdverseEvent.Seriousness.DEATH not in event.seriousness:
                event.seriousness = [AdverseEvent.Seriousness.DEATH.value, *event.seriousness]
                event.save(update_fields=["seriousness"])
        return {}

    sent_forms.once(context.form, write)


def nullify(*, event: AdverseEvent, reason: str, context: EntryContext) -> None:
    """Nullify a report in error; it stays readable with the `reason`.

    Raises ReasonMissing, NumberInText, EventNullified, FormChanged.
    """
    reason = " ".join(reason.split())[:300]
    if not reason:
        raise errors.ReasonMissing
    _require_no_number(event.dose.person, reason)

    def write() -> FormOutcome:
        with history.recording(Operation.NULLIFY_EVENT, by=context.by):
            # The guard is the check: of two people who nullify, the second finds no row.
            standing = AdverseEvent.objects.filter(pk=event.pk, state=_State.REPORTED)
            if not standing.update(state=_State.NULLIFIED, nullified_because=reason):
                raise errors.EventNullified
        return {}

    sent_forms.once(context.form, write)


def require_plausible(reaction: ReactionEntry, *, dose: Dose, now: datetime) -> None:
    """Require times that fit the dose and each other. People write minutes, so the dose counts from its minute on.

    Raises BeganBeforeTheDose, InTheFuture, EndedBeforeItBegan, StillGoesOn.
    """
    if reaction.started_at < dose.given_at.replace(second=0, microsecond=0):
        raise errors.BeganBeforeTheDose(dose.given_at)
    if reaction.started_at > now:
        raise errors.InTheFuture("started_at")
    if reaction.ended_at is not None:
        _require_end(reaction.started_at, reaction.ended_at, reaction.outcome, now)


def _require_end(started_at: datetime, ended_at: datetime, outcome: str, now: datetime) -> None:
    if ended_at < started_at:
        raise errors.EndedBeforeItBegan
    if ended_at > now:
        raise errors.InTheFuture("ended_at")
    if outcome in _NOT_OVER:
        raise errors.StillGoesOn


def _lock(event: AdverseEvent) -> AdverseEvent:
    """The event's row, locked, as it stands now: whoever nullifies it at this moment is waited for."""
    locked = AdverseEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
    if locked.state != _State.REPORTED:
        raise errors.EventNullified
    return locked


def _require_no_number(person: Person, *texts: str) -> None:
    number = person.insured_number
    if number and any(number in _digits(line) for line in _lines(texts)):
        raise errors.NumberInText


def _lines(texts: Iterable[str]) -> Iterable[str]:
    return (line for text in texts for line in text.splitlines())


def _digits(text: str) -> str:
    return "".join(character for character in text if character not in " /-.\u00a0")
