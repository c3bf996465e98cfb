"""Whom a telephone looks after: its registrations, and its claims to registrations of other telephones.

A claim looks like any other registration, here as in the answer to the form: else anybody could learn who is
registered by typing somebody's number and reading the list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from crs.czech_order import order_of_name
from crs.keyed_hash import keyed_hash
from logistics.models import VaccinationSite
from registration import number, progress
from registration.address import ADDRESS
from registration.applying import going_on
from registration.applying.going_on import Outlook
from registration.groups import eligibility, order
from registration.groups.eligibility import Eligibility, Facts
from registration.groups.order import Estimate
from registration.groups.rules import rules_at
from registration.models import LineRequest, Person, PriorityClaim, PriorityGroup, Registration, RegistrationClaim
from registration.people.short_name import short_name
from registration.people.statements import Statements
from registration.people.telling import Reach
from registration.registers import state as register_state

_OF_PERSON = (
    *(
        "first_name",
        "last_name",
        "latin_first_name",
        "latin_last_name",
        "insurer",
        *ADDRESS,
        "sex",
    ),
    *("document_type", "document_country", "document_number"),
)


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
        return number.page_key(self.registration.number)

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
    def reach(self) -> Reach:
        """How the telephone and the address of the entry are told about it."""
        registration = self.registration
        return Reach(registration.language, self.phone, registration.email, whom=short_name(self.person))

    @property
    def address(self) -> str:
        """Where the person lives, on one line."""
        return self.person.address

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
        return eligibility.decide(self._facts, rules_at(now), now=now)

    def place(self, now: datetime) -> Estimate | None:
        """How many people wait before the person, where they wait."""
        if self.registration.state != Registration.State.ACTIVE:
            return None
        if self.claim is None:
            return order.estimate(self.registration, now)
        if self.registration.is_immobile:
            return None
        regions = {site.district.region_id for site in self.sites if site.district}
        return order.estimate_of(self._facts, regions, now)

    def outlook(self, now: datetime) -> Outlook | None:
        """What the person can do at this moment; None where nobody waits for a first dose at a site."""
        registration = self.registration
        if registration.state != Registration.State.ACTIVE or registration.is_immobile or registration.doses_received:
            return None
        return going_on.outlook(self._facts, self.sites, registered_at=registration.created_at, now=now)

    def checks(self, now: datetime) -> list[str | Promise]:
        """The checks with registers, as sentences; a claim is not checked, and reads like what waits for its check."""
        if self.claim is None:
            return register_state.words_of(self.registration)
        if self.is_ended or not self.person.insured_number:
            return []
        return register_state.words_before_checks(self.reasons, now=now)

    @property
    def _facts(self) -> Facts:
        claims = {reason.group_id: reason.state for reason in self.reasons}
        return Facts.of(self.registration, claims)


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
    decisions = ("", RegistrationClaim.Decision.WITHDRAWN)
    claims = list(
        RegistrationClaim.objects.filter(phone=phone, decision__in=decisions)
        .select_related("person")
        .prefetch_related("spent_codes__code__batch")
    )
    claimed = {one.person_id for one in claims if not one.decision}
    entries += [
        _of_claim(one)
        for one in claims
        if one.person_id not in standing and (not one.decision or one.person_id not in claimed)
    ]
    return sorted(entries, key=lambda entry: entry.registration.created_at, reverse=True)


def find(phone: str, key: str) -> Entry | None:
    """The entry of the telephone with this key; None for any other key, whosever it is."""
    return next((entry for entry in of_phone(phone) if entry.key == key), None)


def progress_of(entries: Iterable[Entry], *, now: datetime) -> dict[str, str]:
    """How far each has come, by key; a claim reads like whoever was registered and waits."""
    found = list(entries)
    known = progress.words_of([one.registration for one in found if one.claim is None], now=now)
    return {one.key: progress.waiting() if one.claim else known[one.registration.pk] for one in found}


def requests_of(phone: str) -> list[Request]:
    """What waits for a call from line 1221, the newest first."""
    asked = LineRequest.objects.filter(phone=phone, resolved_at=None).order_by("-created_at")
    return [Request(number.grouped(one.number), Statements.of(one).name, one.created_at) for one in asked]


def _of_registration(registration: Registration) -> Entry:
    claims = sorted(registration.priority_claims.all(), key=lambda claim: claim.pk)
    reasons = [claim for claim in claims if claim.state != PriorityClaim.State.WITHDRAWN]
    return Entry(registration, _by_name(registration.preferred_sites.all()), tuple(reasons))


def _of_claim(claim: RegistrationClaim) -> Entry:
    """Of what was typed alone: who typed it must not learn what is known of the person."""
    said = Statements.of(claim)
    person = Person(
        birth_date=said.born,
        insured_number=said.insured_number or None,
        **{name: getattr(said, name) for name in _OF_PERSON},
    )
    is_withdrawn = claim.decision == RegistrationClaim.Decision.WITHDRAWN
    registration = Registration(
        number=claim.number,
        person=person,
        phone=claim.phone,
        email=said.email,
        language=said.language,
        state=Registration.State.CANCELLED if is_withdrawn else Registration.State.ACTIVE,
        ending=Registration.Ending.LEFT if is_withdrawn else "",
        ended_at=claim.resolved_at,
        is_immobile=bool(said.home_district),
        doses_received=0,
        home_district_id=said.home_district or None,
        guardian_name=said.guardian_name,
        guardian_relation=said.guardian_relation,
        consented_at=claim.created_at,
        created_at=claim.created_at,
    )
    # A code was used up as for a registration, and the reason reads like one of a registration.
    proven = {used.code.batch.group_id for used in claim.spent_codes.all()}
    groups = PriorityGroup.objects.in_bulk(said.reasons)
    reasons = [
        PriorityClaim(
            registration=registration,
            group=groups[code],
            state=PriorityClaim.State.PROVEN if code in proven else PriorityClaim.State.PENDING,
            made_at=claim.created_at,
        )
        for code in said.reasons
    ]
    sites = VaccinationSite.objects.filter(pk__in=said.sites).select_related("district")
    return Entry(registration, _by_name(sites), tuple(reasons), claim)


def _by_name(sites: Iterable[VaccinationSite]) -> tuple[VaccinationSite, ...]:
    return tuple(sorted(sites, key=lambda site: order_of_name(site.name)))
