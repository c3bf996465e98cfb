"""Whom a telephone looks after: its registrations, and its claims to registrations of other telephones.

A claim looks like any other registration, here as in the answer to the form: else anybody could learn who is
registered by typing somebody's number and reading the list.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crs.keyed_hash import keyed_hash
from logistics.models import VaccinationSite
from registration import number
from registration.applying import statements
from registration.groups import eligibility
from registration.groups.eligibility import Eligibility, Facts
from registration.groups.rules import rules_at
from registration.models import LineRequest, Person, PriorityClaim, PriorityGroup, Registration, RegistrationClaim

_OF_PERSON = ("first_name", "last_name", "latin_first_name", "latin_last_name", "insurer", "street", "city", "postcode")


@dataclass(frozen=True)
class Entry:
    """A registration as its telephone sees it; of a `claim` what it would be, as a row that is not saved."""

    registration: Registration
    sites: tuple[VaccinationSite, ...]
    reasons: tuple[PriorityClaim, ...]
    claim: RegistrationClaim | None = None

    @property
    def key(self) -> str:
        """What stands in the address: it tells neither the number nor whether it is a claim."""
        return keyed_hash("my-registration", self.registration.number)[:20]

    def key_of(self, reason: PriorityClaim) -> str:
        """What stands for a reason in an address: a name there would tell logs how somebody's health is."""
        return keyed_hash("my-reason", self.registration.number, reason.group_id)[:20]

    def reason(self, key: str) -> PriorityClaim | None:
        """The reason with this key, unless staff refused it; None for any other."""
        standing = (one for one in self.reasons if one.state != PriorityClaim.State.REFUSED)
        return next((one for one in standing if self.key_of(one) == key), None)

    @property
    def phone(self) -> str:
        """The telephone that looks after it, in E.164."""
        return str(self.registration.phone)

    @property
    def person(self) -> Person:
        """The person, as known or as typed."""
        return self.registration.person

    @property
    def address(self) -> str:
        """Where the person lives, on one line."""
        code = self.person.postcode
        town = f"{code[:3]} {code[3:]} {self.person.city}".strip()
        return ", ".join(part for part in (self.person.street, town) if part)

    @property
    def grouped_number(self) -> str:
        """The number as it is easiest to read."""
        return number.grouped(self.registration.number)

    @property
    def is_ended(self) -> bool:
        """Whether it counts no more."""
        return self.registration.state == Registration.State.CANCELLED

    @property
    def is_complete(self) -> bool:
        """Whether all doses were given."""
        return self.registration.state == Registration.State.COMPLETED

    @property
    def may_come_back(self) -> bool:
        """Whether the person ended it, and nobody else."""
        return self.is_ended and self.registration.ending == Registration.Ending.LEFT

    def eligibility(self, now: datetime) -> Eligibility:
        """Whose turn it is, by the rules in force at `now`."""
        claims = {reason.group_id: reason.state for reason in self.reasons}
        return eligibility.decide(Facts.of(self.registration, claims), rules_at(now), now=now)


@dataclass(frozen=True)
class Request:
    """Somebody whom the operators of line 1221 are to register."""

    grouped_number: str
    name: str
    created_at: datetime


def of_phone(phone: str) -> list[Entry]:
    """Everybody whom the telephone (E.164) looks after, the newest first.

    A registration that ended is left out where the same telephone has another one of the person.
    """
    registrations = list(
        Registration.objects.filter(phone=phone)
        .select_related("person", "home_district")
        .prefetch_related("preferred_sites", "priority_claims__group")
    )
    standing = {one.person_id for one in registrations if one.state != Registration.State.CANCELLED}
    entries = [
        _of_registration(one)
        for one in registrations
        if one.state != Registration.State.CANCELLED or one.person_id not in standing
    ]
    # What somebody decided is over; what the telephone withdrew itself can be taken up again.
    claims = RegistrationClaim.objects.filter(phone=phone).select_related("person")
    entries += [
        _of_claim(one)
        for one in claims.filter(decision__in=("", RegistrationClaim.Decision.WITHDRAWN))
        if one.person_id not in standing
    ]
    return sorted(entries, key=lambda entry: entry.registration.created_at, reverse=True)


def find(phone: str, key: str) -> Entry | None:
    """The entry of the telephone with this key; None for any other key, whosever it is."""
    return next((entry for entry in of_phone(phone) if entry.key == key), None)


def requests_of(phone: str) -> list[Request]:
    """What waits for a call from line 1221, the newest first."""
    asked = LineRequest.objects.filter(phone=phone, resolved_at=None).order_by("-created_at")
    return [Request(number.grouped(one.number), statements.name_in(one.typed), one.created_at) for one in asked]


def _of_registration(registration: Registration) -> Entry:
    reasons = [claim for claim in registration.priority_claims.all() if claim.state != PriorityClaim.State.WITHDRAWN]
    return Entry(registration, _by_name(registration.preferred_sites.all()), tuple(reasons))


def _of_claim(claim: RegistrationClaim) -> Entry:
    typed = json.loads(claim.typed)
    person = Person(
        birth_date=date.fromisoformat(typed["birth_date"]) if "birth_date" in typed else claim.person.birth_date,
        insured_number=claim.person.insured_number,
        document_type=claim.person.document_type,
        document_number=claim.person.document_number,
        document_country=claim.person.document_country,
        **{name: typed.get(name, "") for name in _OF_PERSON},
    )
    is_withdrawn = claim.decision == RegistrationClaim.Decision.WITHDRAWN
    registration = Registration(
        number=claim.number,
        person=person,
        phone=claim.phone,
        email=typed.get("email", ""),
        state=Registration.State.CANCELLED if is_withdrawn else Registration.State.ACTIVE,
        ending=Registration.Ending.LEFT if is_withdrawn else "",
        ended_at=claim.resolved_at,
        is_immobile=bool(typed.get("home_district")),
        home_district_id=typed.get("home_district") or None,
        guardian_name=typed.get("guardian_name", ""),
        guardian_relation=typed.get("guardian_relation", ""),
        consented_at=claim.created_at,
        created_at=claim.created_at,
    )
    groups = list(dict.fromkeys([typed.get("reason", ""), *typed.get("reasons", [])]))
    reasons = [
        PriorityClaim(registration=registration, group=group, state=_state(group, typed), made_at=claim.created_at)
        for group in PriorityGroup.objects.filter(pk__in=groups)
    ]
    sites = VaccinationSite.objects.filter(pk__in=typed.get("sites", []))
    return Entry(registration, _by_name(sites), tuple(reasons), claim)


def _state(group: PriorityGroup, typed: dict[str, Any]) -> PriorityClaim.State:
    """A code was used up as for a registration, and the claim reads like one of a registration."""
    has_proof = typed.get("has_code") and group.pk == typed.get("reason")
    return PriorityClaim.State.PROVEN if has_proof else PriorityClaim.State.PENDING


def _by_name(sites: Iterable[VaccinationSite]) -> tuple[VaccinationSite, ...]:
    return tuple(sorted(sites, key=lambda site: site.name))
