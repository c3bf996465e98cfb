"""Registering a person, and what happens when they are registered already."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.functional import Promise

from crs import history, sent_forms
from crs.advisory_locks import Lock, take
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from registration import number
from registration.applying.errors import AlreadyRegistered, TooManyRegistrations
from registration.groups import eligibility
from registration.groups.eligibility import Facts
from registration.models import Person, PriorityClaim, PriorityGroup, Registration, RegistrationClaim
from registration.operations import Operation
from registration.people import persons
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails
from registration.people.telling import Reach, reach_of, tell
from registration.signals import person_changed

# `REGISTRATIONS_PER_PHONE` count in it, and the telephone of a registered person is told of claims once in it.
WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Details:
    """A person's own statements, already read and checked by the form."""

    first_name: str
    last_name: str
    insured_number: InsuredNumber
    insurer: str
    street: str
    city: str
    postcode: str
    email: str
    sites: tuple[VaccinationSite, ...]
    reason: PriorityGroup | None
    latin_first_name: str = ""
    latin_last_name: str = ""

    @property
    def person(self) -> PersonDetails:
        """What is said about the person."""
        return PersonDetails(
            first_name=self.first_name,
            last_name=self.last_name,
            latin_first_name=self.latin_first_name,
            latin_last_name=self.latin_last_name,
            birth_date=self.insured_number.birth_date,
            identity=self.insured_number,
            insurer=self.insurer,
            street=self.street,
            city=self.city,
            postcode=self.postcode,
        )


@dataclass(frozen=True)
class Application:
    """A registration to be made, from the portal or at a site: how to reach the person, and what they claim."""

    phone: str
    email: str
    language: str
    reason: PriorityGroup | None = None
    sites: tuple[VaccinationSite, ...] = ()
    registered_at_site: VaccinationSite | None = None


@dataclass(frozen=True)
class RegistrationSummary:
    """One line of what a telephone has registered."""

    number: str
    name: str
    state: str | Promise
    created_at: datetime

    @property
    def grouped_number(self) -> str:
        """The number as it is easiest to read."""
        return number.grouped(self.number)


def register(
    *, phone: str, details: Details, language: str, now: datetime, form: Sending = NO_FORM
) -> Registration | RegistrationClaim:
    """Register the person, or keep a claim where another telephone has registered them.

    Both answers look alike, on the screen and in the SMS, so that a stranger does not learn who is
    registered; the telephone of the existing registration is told.
    Raises TooYoung, NotYetOpen, AlreadyRegistered where this telephone has registered (or claimed) them, FormChanged,
    and TooManyRegistrations where it has had its share of both together. Only what was made counts.
    """

    def write() -> Outcome:
        # Nobody else registers from `phone` meanwhile, so that its registrations can be counted.
        take(Lock.REGISTRATIONS_OF_A_PHONE, phone)
        person = persons.locked(details.person)
        active = Registration.objects.standing().filter(person=person).first()
        _refuse_second(active, phone=phone)
        _refuse_too_many(phone, now=now)
        made: Registration | RegistrationClaim
        if active is None:
            made = create(person=person, details=details.person, application=application, now=now)
        else:
            made = _claim(active=active, phone=phone, details=details, now=now)
            claimant = Reach(language, phone, details.email)
            tell(claimant, "registration/registered", {"number": made.number})
        return {"claim" if isinstance(made, RegistrationClaim) else "registration": made.pk}

    claims = {details.reason.code: PriorityClaim.State.PENDING.value} if details.reason else {}
    eligibility.require_registration(Facts(details.insured_number.birth_date, claims), now=now)
    application = Application(phone, details.email, language, details.reason, details.sites)
    with history.recording(Operation.REGISTER):
        outcome = sent_forms.once(form, write) or {}
    if "claim" in outcome:
        return RegistrationClaim.objects.get(pk=outcome["claim"])
    return Registration.objects.get(pk=outcome["registration"])


def registered_by(phone: str) -> list[RegistrationSummary]:
    """The registrations of `phone`, the newest first; a claim looks like any other registration."""
    mine = Registration.objects.filter(phone=phone).select_related("person")
    entries = [
        RegistrationSummary(one.number, str(one.person), one.get_state_display(), one.created_at) for one in mine
    ]
    for claim in RegistrationClaim.objects.filter(phone=phone, resolved_at=None):
        typed = json.loads(claim.typed)
        name = f"{typed['first_name']} {typed['last_name']}"
        state = Registration.State.ACTIVE.label
        entries.append(RegistrationSummary(claim.number, name, state, claim.created_at))
    return sorted(entries, key=lambda entry: entry.created_at, reverse=True)


def _refuse_second(active: Registration | None, *, phone: str) -> None:
    if active is None:
        return
    if str(active.phone) == phone:
        raise AlreadyRegistered(active)
    # The person's row is locked: a second click waits and then finds the claim of the first.
    claim = RegistrationClaim.objects.filter(person=active.person_id, phone=phone, resolved_at=None).first()
    if claim is not None:
        raise AlreadyRegistered(claim)


def _refuse_too_many(phone: str, *, now: datetime) -> None:
    """Registrations and claims count alike, and the answer is one: it tells nobody which of them this would be."""
    of_phone = Q(phone=phone, created_at__gt=now - WINDOW)
    # What a site's staff registered is no doing of the telephone.
    registered = Registration.objects.filter(of_phone, registered_at_site=None).count()
    made = registered + RegistrationClaim.objects.filter(of_phone).count()
    if made >= settings.REGISTRATIONS_PER_PHONE:
        raise TooManyRegistrations(settings.REGISTRATIONS_PER_PHONE)


def create(
    *, person: Person, details: PersonDetails, application: Application, now: datetime, by: User | None = None
) -> Registration:
    """Write the registration of a locked person who has no standing one, and queue what confirms it.

    What was said last about the person counts; what was not said stays. Runs in the caller's transaction.
    """
    changes = details.changes_of(person)
    Person.objects.filter(pk=person.pk).update(**changes)
    if any(changes.get(name, getattr(person, name)) != getattr(person, name) for name in persons.NAMES):
        person_changed.send(Person, person_id=person.pk, by=by)
    registration = Registration.objects.create(
        number=number.next_number(),
        person=person,
        phone=application.phone,
        email=application.email,
        language=application.language,
        registered_at_site=application.registered_at_site,
        way=Registration.Way.SITE if application.registered_at_site else Registration.Way.PORTAL,
        consented_at=now,
        created_at=now,
    )
    registration.preferred_sites.set(application.sites)
    if application.reason is not None:
        PriorityClaim.objects.create(registration=registration, group=application.reason, made_at=now)
    template = "registration/registered_at_site" if application.registered_at_site else "registration/registered"
    tell(registration, template, {"number": registration.number})
    return registration


def _claim(*, active: Registration, phone: str, details: Details, now: datetime) -> RegistrationClaim:
    # The person's row is locked, so of two claims at once the second sees that the first has told.
    was_told = RegistrationClaim.objects.filter(person=active.person_id, told_at__gt=now - WINDOW).exists()
    reach = reach_of(active)
    claim = RegistrationClaim.objects.create(
        number=number.next_number(),
        person_id=active.person_id,
        phone=phone,
        typed=json.dumps(_typed(details), ensure_ascii=False),
        created_at=now,
        told_at=None if was_told or not reach.is_there else now,
    )
    if not was_told:
        # Without a telephone the e-mail and a letter tell it; without all of them only the operators see the claim.
        told = replace(reach, email="") if reach.phone else reach
        tell(told, "registration/claimed", {"number": active.number})
    return claim


def _typed(details: Details) -> Mapping[str, object]:
    return {
        **details.person.contact,
        "email": details.email,
        "sites": [str(site.pk) for site in details.sites],
        "reason": details.reason.pk if details.reason else "",
    }
