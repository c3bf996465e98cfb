"""What happened with a registration, in words: what, when, by whom and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from crs import history
from crs.users import name_of_user
from registration.models import Mismatch, Person, PersonMerge, PriorityClaim, Registration, RegistrationClaim
from registration.operations import NAMES, Operation

WORDS: Mapping[str, str | Promise] = NAMES | {"vaccination.record_dose": gettext_lazy("A dose was recorded")}
# Whose values are told; of other fields only that they changed.
_TOLD = ("state", "ending", "doses_received", "is_immobile", "by_letter")
_NOT_TOLD = ("id", "person", "ended_at", "insured_number_hash", "document_hash", "handed_over_at")


@dataclass(frozen=True)
class Change:
    """Something that happened; `by` and `reason` are empty where nobody is known."""

    at: datetime
    text: str | Promise
    details: tuple[str, ...] = ()
    by: str = ""
    reason: str = ""


def of_registration(registration: Registration) -> list[Change]:
    """Everything that the history knows of the registration and its person, the newest first."""
    found = [*_from_history(registration), *_with_reasons(registration)]
    return sorted(found, key=lambda change: change.at, reverse=True)


def _from_history(registration: Registration) -> Iterator[Change]:
    """One change for all rows that one operation wrote."""
    events = [
        *_events(Registration, pgh_obj=registration.pk),
        *_events(PriorityClaim, registration=registration.pk),
        *_events(Person, pgh_obj=registration.person_id),
    ]
    names = history.names_of_users(_context(event) for event, _details in events)
    events.sort(key=lambda pair: (pair[0].pgh_created_at, _act(pair[0])))
    for _key, group in groupby(
        events, key=lambda pair: pair[0].pgh_context_id or f"{pair[0]._meta.label} {pair[0].pk}"
    ):
        together = list(group)
        first, context = together[0][0], _context(together[0][0])
        details = tuple(detail for _event, told in together for detail in told)
        operation = str(context.get("operation", ""))
        if not details and operation not in WORDS:
            continue
        text = WORDS.get(operation, gettext_lazy("The record was changed"))
        yield Change(first.pgh_created_at, text, details, names.get(context.get("user") or 0, ""))


def _with_reasons(registration: Registration) -> Iterator[Change]:
    """What members of staff decided about the person, with the reasons that they typed."""
    for reason in registration.ending_reasons.select_related("given_by"):
        text = _("Why it was ended") if reason.is_end else _("Why it was opened again")
        yield Change(reason.given_at, text, (), name_of_user(reason.given_by), reason.reason)
    for corrected in registration.person.corrections.select_related("given_by"):
        by = name_of_user(corrected.given_by)
        yield Change(corrected.given_at, _("Why the person was corrected"), (), by, corrected.reason)
    for mismatch in Mismatch.objects.filter(check_done__registration=registration).select_related("decided_by"):
        if mismatch.decided_at:
            values = {"what": mismatch.get_kind_display(), "decision": mismatch.get_decision_display()}
            text, by = _("Mismatch, %(what)s: %(decision)s") % values, name_of_user(mismatch.decided_by)
            yield Change(mismatch.decided_at, text, (), by, mismatch.reason or "")
    claims = RegistrationClaim.objects.filter(person=registration.person_id).select_related("resolved_by")
    for claim in claims:
        yield Change(claim.created_at, _("Somebody with another telephone wanted to register this person"))
        if claim.resolved_at:
            text, by = _("Decided: %(what)s") % {"what": claim.get_decision_display()}, name_of_user(claim.resolved_by)
            yield Change(claim.resolved_at, text, (), by, claim.reason or "")
    merges = PersonMerge.objects.filter(Q(kept=registration.person_id) | Q(joined=registration.person_id))
    for merge in merges.select_related("made_by", "undone_by"):
        text = _("Why the records were joined")
        if merge.kept_id == registration.person_id:  # the history has both of the record that was joined only
            text = str(WORDS[Operation.MERGE])
            if merge.undone_at:
                undone_by = name_of_user(merge.undone_by)
                yield Change(merge.undone_at, WORDS[Operation.TAKE_APART], (), undone_by)
        yield Change(merge.made_at, text, (), name_of_user(merge.made_by), merge.reason)


def _events(model: Any, **which: Any) -> list[tuple[Any, tuple[str, ...]]]:
    """The rows of history with what each changed, in words."""
    rows = model.pgh_event_model.objects.filter(**which).select_related("pgh_context")
    found, before = [], None
    for event in rows.order_by("pgh_obj_id", "pgh_created_at", "pgh_id"):
        is_next = before is not None and before.pgh_obj_id == event.pgh_obj_id
        found.append((event, tuple(_differences(model, before, event)) if is_next else _first(model, event)))
        before = event
    return found


def _first(model: Any, event: Any) -> tuple[str, ...]:
    if model is not PriorityClaim:
        return ()
    values = {"group": event.group, "state": PriorityClaim.State(event.state).label}
    return (_("claim to a group %(group)s: %(state)s") % values,)


def _differences(model: Any, before: Any, event: Any) -> Iterable[str]:
    for field in model._meta.concrete_fields:
        if field.name in _NOT_TOLD or not hasattr(event, field.attname):
            continue
        old, new = getattr(before, field.attname), getattr(event, field.attname)
        if old == new:
            continue
        if model is PriorityClaim and field.name == "state":
            values = {"group": event.group, "state": PriorityClaim.State(new).label}
            yield _("claim to a group %(group)s: %(state)s") % values
        elif field.name in _TOLD:
            yield f"{field.verbose_name}: {_value(field, old)} → {_value(field, new)}"
        else:
            yield pgettext("history", "%(field)s changed") % {"field": field.verbose_name}


def _value(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return str(pgettext_lazy("history", "yes") if value else pgettext_lazy("history", "no"))
    return str(dict(field.flatchoices).get(value, value)) if value != "" else "–"


def _context(event: Any) -> dict[str, Any]:
    context: dict[str, Any] = event.pgh_context.metadata if event.pgh_context else {}
    return context


def _act(event: Any) -> str:
    """The same text for rows that one act wrote; a row without a context is an act of its own."""
    return str(event.pgh_context_id or f"{event._meta.label} {event.pk}")
