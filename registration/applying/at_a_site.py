"""What staff of a site do with registrations: find one, make one on the spot, correct how its person is reached."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from crs import history, sent_forms, typed
from crs.messaging import letters
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.states import CZECHIA
from logistics.models import VaccinationSite
from registration import number as registration_number
from registration.address import ADDRESS
from registration.applying.creating import Application, Guardian, create
from registration.applying.errors import AlreadyRegistered, ContactChanged, HomeIsAbroad, TwoPeopleFound
from registration.groups import eligibility
from registration.groups.eligibility import Facts
from registration.groups.errors import NotYetOpen
from registration.models import Person, PriorityClaim, PriorityGroup, Registration
from registration.operations import Operation
from registration.people import insured_number, latin_name, persons
from registration.people.errors import InvalidDocument, InvalidInsuredNumber
from registration.people.identity_document import IdentityDocument
from registration.people.persons import PersonDetails
from registration.people.telling import Reach, postal_address, reach_of, tell
from registration.signals import person_changed


@dataclass(frozen=True)
class SiteDetails:
    """What the site's form made of a walk-in's statements; a telephone (E.164) and an e-mail are no duty."""

    person: PersonDetails
    phone: str = ""
    email: str = ""
    reason: PriorityGroup | None = None
    guardian: Guardian | None = None


def register_at_site(
    *,
    details: SiteDetails,
    site: VaccinationSite,
    by: User,
    language: str,
    now: datetime,
    is_early: bool = False,
    form: Sending = NO_FORM,
) -> Registration:
    """Register a person who stands at the desk of `site`: the portal's checks, without a proof of the telephone.

    The telephone's limit does not count here. `is_early`: the desk registers them although no group of theirs
    registers yet; the history says so. Raises TooYoung, NoGroupOfThisAge, NotYetOpen, AlreadyRegistered with the
    standing registration (active or completed), PersonDied, DocumentOfSomebodyElse, and FormChanged.
    """
    who = details.person
    # The desk has seen the confirmation; where a register knows better, it is asked later.
    claims = {details.reason.code: PriorityClaim.State.PROVEN.value} if details.reason else {}
    operation = Operation.REGISTER_AT_SITE
    try:
        eligibility.require_registration(Facts(who.birth_date, claims), now=now)
    except NotYetOpen:
        if not is_early:
            raise
        operation = Operation.REGISTER_AT_SITE_EARLY
    application = Application(
        phone=details.phone,
        email=details.email,
        language=language,
        reason=details.reason,
        guardian=details.guardian,
        claim_state=PriorityClaim.State.PROVEN,
        by_letter=not details.phone and bool(who.street and who.city),
        way=Registration.Way.SITE,
        registered_at_site=site,
    )

    def write() -> Outcome:
        # Two desks with one person wait for each other at the person's row; the second finds the first one's work.
        person = persons.locked(who)
        persons.refuse_who_cannot_come(person, who)
        standing = Registration.objects.standing().filter(person=person).first()
        if standing is not None:
            raise AlreadyRegistered(standing)
        return {"registration": create(person=person, details=who, application=application, now=now, by=by).pk}

    with history.recording(operation, by=by):
        outcome = sent_forms.once(form, write) or {}
    return Registration.objects.get(pk=outcome["registration"])


def find(text: str, *, now: datetime) -> Registration | None:
    """The standing registration with this registration number or insured person's number, as typed, pasted or scanned.

    Raises TwoPeopleFound where the digits are both, of two people.
    """
    digits = typed.number(text)
    found: list[Registration] = []
    if registration_number.is_valid(digits):
        found += Registration.objects.standing().select_related("person").filter(number=digits)
    try:
        insured = insured_number.parse(digits, today=timezone.localdate(now))
    except InvalidInsuredNumber:
        pass
    else:
        found += _standing_of(persons.of_insured_number(insured.digits))
    if len({registration.pk for registration in found}) > 1:
        raise TwoPeopleFound
    return found[0] if found else None


def find_by_document(document: IdentityDocument) -> Registration | None:
    """The standing registration of the holder of the document."""
    found = _standing_of(persons.of_document(document))
    return found[0] if found else None


def find_by_document_number(text: str) -> Registration | None:
    """The standing registration of the holder of a document with this number, whatever its type and state.

    Raises TwoPeopleFound where documents of two people have it.
    """
    try:
        holders = persons.of_document_number(text)
    except InvalidDocument:
        return None
    found = {one.pk: one for holder in holders for one in _standing_of(Person.objects.filter(pk=holder.pk))}
    if len(found) > 1:
        raise TwoPeopleFound
    return next(iter(found.values()), None)


def contact_digest(registration: Registration) -> str:
    """A short text that differs where the contact differs: what a page showed, without showing it again."""
    person = registration.person
    contact = (registration.phone, registration.landline, registration.email)
    text = "\0".join(str(one or "") for one in (*contact, *(getattr(person, name) for name in ADDRESS)))
    return salted_hmac("registration.contact", text, algorithm="sha256").hexdigest()[:16]


@transaction.atomic
def correct_contact(
    *,
    registration: Registration,
    phone: str,
    email: str,
    street: str | None = None,
    city: str | None = None,
    postcode: str | None = None,
    country: str | None = None,
    landline: str | None = None,
    shown: str | None = None,
    by: User | None,
) -> Registration:
    """Keep what the person says today about how to reach them; what is unchanged leaves no trace in the history.

    Empty means none; a landline and parts of the address that are not given stay as they are. Without `by` it is the
    person who says it. Whoever has no mobile is written to by post where the address is known, and nobody else is.
    A PIN2 that was sent before keeps working, with the new telephone. Nobody proves the new contact, so the telephone,
    the e-mail and the address before are told. Letters that still wait go to the new address.
    `shown` is the digest of what a page showed. Raises ContactChanged where it is not the contact any more, and
    HomeIsAbroad where somebody has to come to the person.
    """
    with history.recording_part(Operation.CORRECT_CONTACT, by=by):
        said = {"street": street, "city": city, "postcode": postcode, "country": country}
        address = {name: value for name, value in said.items() if value is not None}
        person = Person.objects.select_for_update(no_key=True).get(pk=registration.person_id)
        locked = Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)
        locked.person = person
        if shown is not None and shown != contact_digest(locked):
            raise ContactChanged
        if locked.is_immobile and address.get("country", CZECHIA) != CZECHIA:
            raise HomeIsAbroad
        before = reach_of(locked)
        if any(getattr(person, name) != value for name, value in address.items()):
            for name, value in address.items():
                setattr(person, name, value)
            Person.objects.filter(pk=person.pk).update(**address)
        reached = {
            "phone": phone,
            "email": email,
            "landline": str(locked.landline) if landline is None else landline,
            "by_letter": not phone and bool(postal_address(person)),
        }
        if any(str(getattr(locked, name)) != str(value) for name, value in reached.items()):
            Registration.objects.filter(pk=locked.pk).update(**reached)
        after = replace(before, phone=phone, email=email, postal_address=postal_address(person) if not phone else "")
        _tell_of_change(before, after)
        letters.readdress(owner=locked.number, address=postal_address(person))
    return Registration.objects.select_related("person").get(pk=registration.pk)


@transaction.atomic
def spell_in_latin(*, registration: Registration, first_name: str, last_name: str, by: User | None) -> Person:
    """Keep the name as the travel document spells it (`latin_name.spelling`); what is unchanged leaves no trace.

    Empty is right for a name whose own letters are Latin. Raises SpellingNeedsLatinLetters.
    """
    with history.recording_part(Operation.SPELL_IN_LATIN, by=by):
        standing = persons.standing_for(registration.person)
        person = Person.objects.select_for_update(no_key=True).get(pk=standing.pk)
        spelled = {
            "latin_first_name": latin_name.spelling_of(person.first_name, first_name),
            "latin_last_name": latin_name.spelling_of(person.last_name, last_name),
        }
        if any(getattr(person, name) != value for name, value in spelled.items()):
            Person.objects.filter(pk=person.pk).update(**spelled)
            person_changed.send(Person, person_id=person.pk, by=by)
    return Person.objects.get(pk=person.pk)


def _tell_of_change(before: Reach, after: Reach) -> None:
    """Tell whoever was reached until now, so that nobody is cut off in silence from what comes by SMS or by post."""
    is_other_phone = before.phone not in ("", after.phone)
    is_other_address = before.postal_address not in ("", after.postal_address)
    is_told_by_email = bool(before.email) and (is_other_phone or is_other_address or before.email != after.email)
    told = Reach(
        before.language,
        whom=before.whom,
        phone=before.phone if is_other_phone else "",
        email=before.email if is_told_by_email else "",
        postal_address=before.postal_address if is_other_address else "",
    )
    tell(told, "registration/contact_changed", {"number": before.number})


def _standing_of(people: QuerySet[Person]) -> list[Registration]:
    person = people.select_related("merged_into").first()
    if person is None:
        return []
    who = persons.standing_for(person)
    return list(Registration.objects.standing().select_related("person").filter(person=who))
