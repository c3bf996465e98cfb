"""Registers people who were made up, in bulk: nobody is told, no register is asked and no code is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from crs import history
from registration import number
from registration.groups.rules import rules_at
from registration.models import GroupRule, Person, PriorityClaim, Registration
from registration.operations import Operation
from registration.replay.made_up import MadeUp, person_of
from registration.replay.rows import Row

State = PriorityClaim.State


@dataclass(frozen=True)
class FirstDose:
    """The first dose of people who had it before they were registered."""

    on: date
    vaccine_id: str


def people_of(rows: Sequence[Row]) -> list[MadeUp]:
    """Somebody for each row; where the database or another row has the number already, somebody else.

    Two processes at once may draw one number; then `register` raises IntegrityError for the second.
    """
    found: dict[str, MadeUp] = {}
    taken: set[str] = set()
    waiting, attempt = list(rows), 0
    while waiting:
        drawn = [(row, person_of(row, attempt)) for row in waiting]
        taken |= _known(one for _row, one in drawn)
        waiting = []
        for row, one in drawn:
            if one.found_by in taken:
                waiting.append(row)
            else:
                taken.add(one.found_by)
                found[row.key] = one
        attempt += 1
    return [found[row.key] for row in rows]


@transaction.atomic
def register(rows: Sequence[Row], people: Sequence[MadeUp], *, had: FirstDose | None = None) -> list[Registration]:
    """Register each of `people` as their row says, with the claims of that day. Raises IntegrityError."""
    with history.recording(Operation.REPLAY):
        Person.objects.bulk_create([one.person for one in people])
        registrations = Registration.objects.bulk_create(
            Registration(
                number=given,
                person=one.person,
                phone=one.phone,
                way=Registration.Way.REPLAY,
                doses_received=0 if had is None else 1,
                last_dose_on=had.on if had else None,
                last_vaccine_id=had.vaccine_id if had else None,
                first_vaccine_id=had.vaccine_id if had else None,
                consented_at=one.registered_at,
                created_at=one.registered_at,
            )
            for given, one in zip(number.next_numbers(len(people)), people, strict=True)
        )
        preferred = Registration.preferred_sites.through
        preferred.objects.bulk_create(
            preferred(registration=registration, vaccinationsite_id=row.site)
            for registration, row in zip(registrations, rows, strict=True)
        )
        proofs = _proofs_on({row.day for row in rows if row.groups})
        PriorityClaim.objects.bulk_create(
            PriorityClaim(
                registration=registration,
                group_id=group,
                # Where nobody was let in without a code, the anonymous person had one.
                state=State.PROVEN if proofs[row.day].get(group) == GroupRule.Proof.CODE else State.PENDING,
                made_at=registration.created_at,
            )
            for registration, row in zip(registrations, rows, strict=True)
            for group in row.groups
        )
    return registrations


def _known(people: Iterable[MadeUp]) -> set[str]:
    """The numbers and documents of these that somebody in the database has.

    Two questions: with one and OR between them no index would serve, and all persons would be read.
    """
    hashes = [one.found_by for one in people]
    numbers = Person.objects.filter(insured_number_hash__in=hashes).values_list("insured_number_hash", flat=True)
    documents = Person.objects.filter(document_hash__in=hashes, merged_into=None)
    return {*numbers, *documents.exclude(document_hash="").values_list("document_hash", flat=True)}


def _proofs_on(days: set[date]) -> dict[date, dict[str, str]]:
    """What proved a claim to each group on these days, by the rules in force when they began."""
    begins = {day: timezone.make_aware(datetime.combine(day, time.min)) for day in days}
    return {day: {rule.group.pk: rule.proof for rule in rules_at(moment)} for day, moment in begins.items()}
