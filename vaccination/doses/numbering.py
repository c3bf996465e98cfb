"""The numbers of a person's doses, which follow their times, and what follows from them."""

from collections.abc import Iterable, Mapping, Sequence

from django.db.models import F
from django.utils import timezone

from logistics.stock.ledger import EntryContext
from registration.applying import course
from registration.applying.course import Received
from registration.models import Person
from vaccination.doses import guards
from vaccination.doses.guards import Course, Finding
from vaccination.doses.limits import limits
from vaccination.models import Dose, RuleOverride

# Numbers are exchanged by way of numbers that no dose has: the database lets no number stand twice even for a moment.
_ASIDE = 1000


def renumber(
    person: Person, registration_id: int | None, reason: str, context: EntryContext, corrected: Dose | None = None
) -> list[Dose]:
    """Number the doses by their times, note the rules that they break now, and keep the course; returns what changed.

    `corrected` counts as changed. The caller holds the lock of the person.
    """
    doses = list(Dose.objects.valid().of(person).select_related("vaccine", "doctor").order_by("given_at"))
    moved = [(place, dose) for place, dose in enumerate(doses, start=1) if dose.number != place]
    if any(place > dose.number for place, dose in moved):
        Dose.objects.filter(pk__in=[dose.pk for _place, dose in moved]).update(number=F("number") + _ASIDE)
    for place, dose in moved:
        # One by one and rising: each takes a number that is free by then.
        Dose.objects.filter(pk=dose.pk).update(number=place)
        dose.number = place
    changed = [dose for dose in doses if dose == corrected or dose in [other for _place, other in moved]]
    for dose in doses:
        if dose in changed or (dose.number > 1 and doses[dose.number - 2] in changed):
            _note_broken(person, dose, doses[: dose.number - 1], reason, context)
    if registration_id is not None:
        course.keep(registration_id=registration_id, received=received(doses), is_complete=is_complete(doses))
    return changed


def is_complete(doses: Iterable[Dose]) -> bool:
    """Whether the valid `doses` of a person complete a series."""
    return any(dose.number >= dose.vaccine.doses for dose in doses)


def received(doses: Sequence[Dose]) -> Received:
    """What the registration keeps of the valid `doses` of a person, which are in their order."""
    if not doses:
        return Received()
    last = doses[-1]
    return Received(len(doses), timezone.localdate(last.given_at), last.vaccine_id, doses[0].vaccine_id)


def keep_overrides(
    dose: Dose, overridden: Iterable[Finding], reasons: Mapping[str, str], context: EntryContext
) -> None:
    """Keep the rules against which the dose was given, with the reasons by rule, for the manager to read."""
    assert dose.doctor is not None, "dose_of_a_site_is_complete"  # noqa: S101
    RuleOverride.objects.bulk_create(
        [
            RuleOverride(
                dose=dose,
                rule=finding.rule,
                finding=finding.text,
                reason=reasons[finding.rule],
                doctor=dose.doctor,
                overridden_by=context.by,
                overridden_at=context.now,
            )
            for finding in overridden
        ],
        ignore_conflicts=True,
    )


def _note_broken(person: Person, dose: Dose, before: Sequence[Dose], reason: str, context: EntryContext) -> None:
    """Note which rules of medicine the dose breaks as it stands now. What was noted before stays."""
    if dose.doctor is None:
        return
    day = timezone.localdate(dose.given_at)
    as_given = Course(
        person=person,
        history=before,
        vaccine=dose.vaccine,
        number=dose.number,
        given_at=dose.given_at,
        limits=limits(vaccine=dose.vaccine, number=dose.number, history=before, day=day),
    )
    broken = guards.broken(as_given)
    keep_overrides(dose, broken, {finding.rule: reason for finding in broken}, context)
