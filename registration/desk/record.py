"""What the desk shows of a registration: the person, the group and why, checks, the other rows of the person."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from crs.messaging import letters
from crs.messaging.models import Message
from crs.states import state_name
from registration import progress
from registration.desk import additions, changes
from registration.desk.additions import Section
from registration.desk.changes import Change
from registration.groups import eligibility
from registration.groups.eligibility import Eligibility
from registration.models import (
    LineRequest,
    Person,
    PersonMerge,
    PriorityClaim,
    RegisterCheck,
    Registration,
    RegistrationClaim,
)
from registration.number import grouped
from registration.people import identity_document, insured_number, persons
from registration.registers.configured import configured


@dataclass(frozen=True)
class Who:
    """A person as the desk sees them: numbers are masked."""

    person: Person
    age: int

    @property
    def number(self) -> str:
        """The insured person's number, its first six digits only."""
        return insured_number.masked(self.person.insured_number)

    @property
    def document(self) -> str:
        """Type, state, and the last three signs of the number."""
        if not self.person.document_number:
            return ""
        country = state_name(self.person.document_country)
        number = identity_document.masked(self.person.document_number)
        return f"{self.person.get_document_type_display()}, {country}, {number}"

    @property
    def known_by(self) -> str:
        """The masked number or document, whichever there is."""
        return self.number or self.document

    @property
    def sex(self) -> str:
        """As the row or the insured person's number says it."""
        sex = persons.sex_of(self.person)
        return str(Person.Sex(sex).label) if sex else ""


@dataclass(frozen=True)
class Record:
    """Everything on the page of a registration."""

    registration: Registration
    who: Who
    group: Eligibility
    claims: tuple[PriorityClaim, ...]
    checks: tuple[RegisterCheck, ...]
    others: tuple[Registration, ...]
    other_telephones: tuple[RegistrationClaim, ...]
    joined: tuple[PersonMerge, ...]
    joined_into: Registration | None
    requests: tuple[LineRequest, ...]
    returned_letters: tuple[Message, ...]
    sections: tuple[Section, ...]
    changes: tuple[Change, ...]
    progress: str

    @property
    def number(self) -> str:
        """The number as it is easiest to read out."""
        return grouped(self.registration.number)


def who(person: Person, *, now: datetime) -> Who:
    """The person as the desk sees them."""
    return Who(person, person.age_on(timezone.localdate(now)))


def of(registration: Registration, *, now: datetime) -> Record:
    """The record of a registration, read with its person."""
    person = registration.person
    standing = persons.standing_for(person)
    rows = persons.rows_of(standing)
    of_person = Registration.objects.filter(person__in=rows).order_by("-created_at")
    checks = registration.register_checks.select_related("claim__group", "mismatch").order_by("-pk")
    # Of a register that was switched off nobody waits for an answer.
    is_awaited = ~Q(state=RegisterCheck.State.WAITING) | Q(register__in=configured())
    merges = PersonMerge.objects.filter(kept=standing, undone_at=None).select_related("joined", "made_by")
    return Record(
        registration=registration,
        who=who(person, now=now),
        group=eligibility.of_registration(registration, now=now),
        claims=tuple(registration.priority_claims.select_related("group", "code_use__code").order_by("pk")),
        checks=tuple(checks.filter(is_awaited)),
        others=tuple(of_person.exclude(pk=registration.pk)),
        other_telephones=tuple(RegistrationClaim.objects.filter(person__in=rows, resolved_at=None)),
        joined=tuple(merges),
        joined_into=_best_of(standing) if standing != person else None,
        requests=tuple(LineRequest.objects.filter(registration=registration)),
        returned_letters=tuple(letters.returned().filter(owner=registration.number)),
        sections=tuple(additions.sections_of(registration)),
        changes=tuple(changes.of_registration(registration)),
        progress=progress.words_of([registration], now=now)[registration.pk],
    )


def _best_of(person: Person) -> Registration | None:
    """The registration of the row that stands: the one that holds, else the latest."""
    of_person = Registration.objects.filter(person=person)
    return of_person.standing().first() or of_person.order_by("-pk").first()
