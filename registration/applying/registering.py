"""Registering a person at the portal, and what happens when they are registered already."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q

from crs import history, sent_forms
from crs.advisory_locks import Lock, take
from crs.messaging import outbox
from crs.prepared_queries import Given, Prepared
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import District, VaccinationSite
from registration import number
from registration.applying import line_requests
from registration.applying.creating import Application, Guardian, create
from registration.applying.errors import AlreadyRegistered, CourseComplete, TooManyRegistrations
from registration.codes import using
from registration.codes.using import CodeTry
from registration.groups import eligibility
from registration.groups.eligibility import Facts
from registration.groups.rules import Rule
from registration.models import (
    LineRequest,
    Person,
    PriorityClaim,
    PriorityGroup,
    Registration,
    RegistrationClaim,
)
from registration.operations import Operation
from registration.people import persons
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber
from registration.people.persons import PersonDetails
from registration.people.short_name import short_name
from registration.people.statements import Statements
from registration.people.telling import Reach, messages, reach_of, tell

# `REGISTRATIONS_PER_PHONE` count in it, and the telephone of a registered person is told of claims once in it.
WINDOW = timedelta(hours=24)
# As text, because every registration asks it (docs/performance.md). What staff registered is no doing of the telephone.
_COUNT = """
SELECT (SELECT count(*) FROM registration_registration
        WHERE phone = %(phone)s AND created_at > %(since)s AND way = 'PORTAL')
    + (SELECT count(*) FROM registration_registrationclaim WHERE phone = %(phone)s AND created_at > %(since)s)
    + (SELECT count(*) FROM registration_linerequest WHERE phone = %(phone)s AND created_at > %(since)s)
"""

# Every registration asks these, too. Of a person whose other rows were joined with this one all of them count.
_OF_PERSON = Prepared(
    lambda: (
        Registration.objects.filter(person__in=persons.rows_of(Given("person")))
        .select_related("person")
        .order_by("-created_at", "-pk")
    )
)
_COUNTING_CLAIMS = Prepared(
    lambda: RegistrationClaim.objects.filter(
        Q(phone=Given("phone"), resolved_at=None) | Q(told_at__gt=Given("since")),
        person__in=persons.rows_of(Given("person")),
    ).order_by("pk")
)

Made = Registration | RegistrationClaim | LineRequest


@dataclass(frozen=True)
class Details:
    """A person's own statements, already read and checked by the form.

    `code` as typed; "" where the person has none yet. `home_district` only of somebody who cannot come.
    """

    person: PersonDetails
    email: str = ""
    sites: tuple[VaccinationSite, ...] = ()
    reason: PriorityGroup | None = None
    code: str = ""
    guardian: Guardian | None = None
    home_district: District | None = None
    # Nothing is free where they would go, so the page, the SMS and the e-mail say that they are on the waiting list.
    is_listed: bool = False

    @property
    def facts(self) -> Facts:
        """What counts for the group. A code that was typed counts; it is looked at when it is used."""
        state = PriorityClaim.State.PROVEN if self.code else PriorityClaim.State.PENDING
        return Facts(self.person.birth_date, {self.reason.code: state.value} if self.reason else {})

    def said(self, *, language: str) -> Statements:
        """What a claim or a request keeps of the form."""
        identity, guardian = self.person.identity, self.guardian
        known_by = (
            {"insured_number": identity.digits}
            if isinstance(identity, InsuredNumber)
            else {
                "document_type": identity.type,
                "document_country": identity.country,
                "document_number": identity.number,
            }
        )
        return Statements(
            **known_by,
            **self.person.contact,
            birth_date=self.person.birth_date.isoformat(),
            sex=self.person.sex,
            language=language,
            email=self.email,
            sites=[str(site.pk) for site in self.sites],
            reasons=[self.reason.pk] if self.reason else [],
            guardian_name=guardian.name if guardian else "",
            guardian_relation=guardian.relation if guardian else "",
            home_district=self.home_district.pk if self.home_district else "",
        )


def register(*, phone: str, details: Details, language: str, now: datetime, form: Sending = NO_FORM) -> Made:
    """Register the person; or keep a claim where they are registered already; or ask line 1221 to go on.

    A registration and a claim look alike, on the screen and in the SMS, so that a stranger does not learn who is
    registered; the telephone of the existing registration is told. Nobody's record decides what goes to the line.
    Raises what `eligibility.require_registration` does, AlreadyRegistered where this telephone has registered (or
    claimed) them, TooManyRegistrations where it has had its share of all three together, CodeRefused, and FormChanged.
    Only what was made counts; of codes only the wrong ones.
    """
    turn = eligibility.require_registration(details.facts, now=now)
    identity = details.person.identity
    insured = identity.digits if isinstance(identity, InsuredNumber) else ""
    if line_requests.is_for_the_line(insured, details.reason, turn.rules):
        return _hand_over(phone=phone, details=details, language=language, now=now, form=form)
    made: list[Made] = []

    def write() -> Outcome:
        take(Lock.REGISTRATIONS_OF_A_PHONE, phone)
        made.append(_register(phone, details, language, code_try, turn.best, now))
        return {"claim" if isinstance(made[0], RegistrationClaim) else "registration": made[0].pk}

    code = details.code if details.reason else ""
    with using.counted_try(text=code, phone=phone, now=now) as code_try, history.recording(Operation.REGISTER):
        outcome = sent_forms.once(form, write) or {}
    if made:
        return made[0]
    model = RegistrationClaim if "claim" in outcome else Registration
    return model.objects.get(pk=next(iter(outcome.values())))


def _hand_over(*, phone: str, details: Details, language: str, now: datetime, form: Sending) -> LineRequest:
    def write() -> Outcome:
        take(Lock.REGISTRATIONS_OF_A_PHONE, phone)
        # What this telephone has registered it may know; what others have does not change the answer.
        own = Registration.objects.standing().filter(phone=phone, person__in=persons.found_by(details.person))
        if (standing := own.first()) is not None:
            raise _already(standing)
        line_requests.refuse_second(phone=phone, identity=details.person.identity)
        _refuse_too_many(phone, now=now)
        request = line_requests.hand_over(
            phone=phone,
            said=details.said(language=language),
            now=now,
        )
        return {"request": request.pk}

    outcome = sent_forms.once(form, write) or {}
    return LineRequest.objects.get(pk=outcome["request"])


def _register(
    phone: str, details: Details, language: str, code_try: CodeTry | None, rule: Rule | None, now: datetime
) -> Registration | RegistrationClaim:
    person = persons.locked(details.person)
    # Asked about everybody, so that the answer about somebody who is registered takes no more queries. The person's row
    # is locked: a second click waits and then finds the claim of the first, and of two claims at once one is told.
    known = _OF_PERSON.all(person=person.pk)
    standing = next((one for one in known if one.state != Registration.State.CANCELLED), None)
    claims = _COUNTING_CLAIMS.all(person=person.pk, phone=phone, since=now - WINDOW)
    is_new = standing is None and _is_the_person(person, details.person)
    if not is_new:
        _refuse_second(standing, claims, phone=phone)
    _refuse_too_many(phone, now=now)
    if is_new:
        application = Application(
            phone=phone,
            email=details.email,
            language=language,
            reason=details.reason,
            sites=details.sites,
            guardian=details.guardian,
            is_immobile=details.home_district is not None,
            home_district=details.home_district,
            is_listed=details.is_listed,
            rule=rule,
        )
        before = known[0] if known else None
        made = create(person=person, details=details.person, application=application, now=now, code_try=code_try)
        if before is not None and str(before.phone) != phone:
            # Whoever cancelled it may not know: a number and any telephone are enough.
            tell(_quietest(reach_of(before)), "registration/registered_anew", {})
        return made
    claim = _claim(
        person,
        standing,
        phone=phone,
        said=details.said(language=language),
        email=details.email,
        language=language,
        is_listed=details.is_listed,
        rule=rule,
        was_told=any(one.told_at and one.told_at > now - WINDOW for one in claims),
        now=now,
    )
    if code_try is not None and details.reason is not None:
        # It is used up as for a registration: else whoever has a code could learn with it who is registered.
        using.spend(code_try=code_try, claim=claim, group=details.reason, now=now)
    return claim


def _is_the_person(person: Person, details: PersonDetails) -> bool:
    """Whether the row can be that of whoever fills in the form; if not, people decide, and the answer is no other."""
    is_anothers = isinstance(details.identity, IdentityDocument) and person.birth_date != details.birth_date
    return person.died_on is None and not is_anothers


def is_full(phone: str, *, now: datetime) -> bool:
    """Whether the telephone has had its share. Ask with `Lock.REGISTRATIONS_OF_A_PHONE` held.

    Registrations, claims and requests count alike, so that the answer tells nobody which of them the next would be.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"phone": phone, "since": now - WINDOW})
        (count,) = cursor.fetchone() or (0,)
    return int(count) >= settings.REGISTRATIONS_PER_PHONE


def _refuse_too_many(phone: str, *, now: datetime) -> None:
    if is_full(phone, now=now):
        raise TooManyRegistrations(settings.REGISTRATIONS_PER_PHONE)


def _refuse_second(standing: Registration | None, claims: list[RegistrationClaim], *, phone: str) -> None:
    if standing is not None and str(standing.phone) == phone:
        raise _already(standing)
    own = next((one for one in claims if str(one.phone) == phone and one.resolved_at is None), None)
    if own is not None:
        raise AlreadyRegistered(own)


def _already(standing: Registration) -> AlreadyRegistered:
    is_complete = standing.state == Registration.State.COMPLETED
    return CourseComplete(standing) if is_complete else AlreadyRegistered(standing)


def _claim(
    person: Person,
    standing: Registration | None,
    *,
    phone: str,
    said: Statements,
    email: str,
    language: str,
    is_listed: bool,
    rule: Rule | None,
    was_told: bool,
    now: datetime,
) -> RegistrationClaim:
    reach = reach_of(standing) if standing is not None else None
    is_told = reach is not None and reach.is_there and not was_told
    claim = RegistrationClaim.objects.create(
        number=number.next_number(),
        person=person,
        phone=phone,
        typed=said.as_text,
        created_at=now,
        told_at=now if is_told else None,
    )
    context = {"number": claim.number, "cannot_come": bool(said.home_district), "is_listed": is_listed, "rule": rule}
    claimant = Reach(language, phone, email, whom=short_name(said))
    told = list(messages(claimant, "registration/registered", context))
    if standing is not None and reach is not None and is_told:
        told += messages(_quietest(reach), "registration/claimed", {"number": standing.number})
    outbox.queue_all(told)
    return claim


def _quietest(reach: Reach) -> Reach:
    """The telephone alone; without one the e-mail and a letter; without all of them only the operators see it."""
    return replace(reach, email="") if reach.phone else reach
