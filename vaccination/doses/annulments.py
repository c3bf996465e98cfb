"""Annulments: the record of a dose that was entered in error is taken back, with all that it moved.

Nothing is deleted: the record stays, marked, and the ledger reverses the consumption.
"""

from uuid import UUID

from django.utils import timezone

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome
from logistics.stock import ledger
from logistics.stock.ledger import EntryContext
from registration.models import Person
from reservation.arranging import arrangements
from vaccination.doses.corrections import required
from vaccination.doses.locks import lock_dose
from vaccination.doses.numbering import renumber
from vaccination.models import DayClosing, Dose, Visit
from vaccination.operations import Operation
from vaccination.signals import dose_annulled
from vaccination.vials import sessions


def annul(*, dose: Dose, error: str, reason: str, context: EntryContext) -> Dose:
    """Take back the record of a dose that was entered in error (`Dose.Error`), for a `reason`; returns it.

    The dose goes back into its vial and into the stock, the appointment and the visit are as before, later doses move
    up. Where the day is over or closed the person came and got no dose, and is told how to get a time. Raises
    NotCorrectable, CorrectionNeedsReason.
    """
    reason = required(reason)

    def write() -> Outcome:
        person, row = lock_dose(dose)
        _annul(person, row, error, reason, context)
        return {"dose": str(row.pk)}

    with history.recording(Operation.ANNUL_DOSE, by=context.by, reason=reason):
        outcome = sent_forms.once(context.form, write) or {}
    return Dose.objects.get(pk=UUID(outcome["dose"]))


def _annul(person: Person, dose: Dose, error: str, reason: str, context: EntryContext) -> None:
    later = Dose.objects.valid().of(person).filter(number__gt=dose.number).order_by("number")
    for other in later.select_related("visit"):
        if other.visit is not None:
            # First of all: without the seat of a later dose the reservation would end as missed below.
            arrangements.renumber(appointment_id=other.visit.appointment_id, dose_number=other.number - 1)
    if dose.visit is not None:
        is_over = _is_over(dose.visit, context)
        # The visit before the slots: the order of docs/locking.md.
        _send_back(dose.visit, reason, context, is_over=is_over)
        arrangements.unfulfil(appointment_id=dose.visit.appointment_id, is_over=is_over)
    if dose.vial is not None:
        sessions.put_back(vial=dose.vial)
    assert dose.consumption is not None, "dose_of_a_site_is_complete"  # noqa: S101
    entry = EntryContext(by=context.by, now=context.now, form=NO_FORM, note=reason)
    ledger.reverse(document=dose.consumption, context=entry)
    Dose.objects.filter(pk=dose.pk).update(state=Dose.State.IN_ERROR, error=error)
    moved = renumber(person, dose.registration_id, reason, context)
    dose.refresh_from_db()
    dose_annulled.send(Dose, dose=dose, moved=moved, by=context.by)


def _is_over(visit: Visit, context: EntryContext) -> bool:
    """Whether the day of the visit has passed or is closed: nobody waits for a dose there any more."""
    return visit.day < timezone.localdate(context.now) or DayClosing.objects.is_closed(visit.site, visit.day)


def _send_back(visit: Visit, reason: str, context: EntryContext, *, is_over: bool) -> None:
    """Let the person wait again on their day; else they came and got no dose."""
    rows = Visit.objects.filter(pk=visit.pk, state__in=(Visit.State.OBSERVED, Visit.State.GONE))
    others = Visit.objects.present().filter(registration=visit.registration_id, day=visit.day).exclude(pk=visit.pk)
    if not is_over and not others.exists():
        rows.update(state=Visit.State.ARRIVED, observe_until=None, left_at=None)
        return
    rows.update(
        state=Visit.State.SENT_AWAY,
        sent_away=Visit.SentAway.OTHER,
        left_at=visit.left_at or context.now,
        note=f"{visit.note or ''} {reason}".strip()[:300],
    )
