"""The certificates of a person as their page shows them: dose by dose, with what is due and what stands in its way."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certificates.delivery import password_keeping, status
from certificates.issuing.completion import completing
from certificates.issuing.taken_away import is_taken_away
from certificates.models import Certificate, Delivery, IssueRequest, SigningKey
from registration.models import Person
from registration.people import latin_name
from registration.people.persons import standing_for
from registration.telephones import phone as telephone
from vaccination.models import Dose

# The page stays one page.
MOST_DELIVERIES = 10

Obstacle, State = IssueRequest.Obstacle, IssueRequest.State


class Standing(StrEnum):
    """How a dose stands with its certificate; the value stands in addresses."""

    READY = "vystaveny"
    DUE = "vystavuji-se"  # asked for, its turn comes by itself
    HELD = "pozastavene"  # the ministry looks at it
    BLOCKED = "prekazka"
    EXPIRED = "vyprsely"
    TAKEN_AWAY = "odebrany"  # it was revoked by hand, or the ministry rejected it: it takes a decision to issue another
    NONE = "chybi"  # the key was withdrawn, or the dose is older than certificates are
    NOT_DUE = "nevyzadan"  # not the last dose of the series: it is made where somebody asks for it


WORDS: dict[Standing, str | Promise] = {
    Standing.READY: _("The certificate is ready."),
    Standing.DUE: _("The certificate is being made."),
    Standing.HELD: _("The ministry looks at it first."),
    Standing.BLOCKED: _("The certificate cannot be made yet."),
    Standing.EXPIRED: _("The certificate has expired."),
    Standing.TAKEN_AWAY: _("The certificate was revoked or rejected."),
    Standing.NONE: _("There is no certificate of this dose."),
    Standing.NOT_DUE: _("There is no certificate of this dose."),
}
EXPLANATIONS: dict[Standing, str | Promise] = {
    Standing.DUE: _("It takes a minute or two; you can also print it at once."),
    Standing.HELD: _(
        "In one hour unusually many certificates were asked for. It is issued by itself once the ministry agrees; you "
        "need not do anything."
    ),
    Standing.EXPIRED: _("Issue another one."),
    Standing.TAKEN_AWAY: _("Another one is issued only by the manager of the site or by the ministry, who write why."),
    Standing.NOT_DUE: _(
        "One is made by itself after the last dose of the series; of this dose it is made if the person asks for it."
    ),
}
_ISSUABLE = (Standing.NONE, Standing.NOT_DUE, Standing.DUE)
AFTER_THE_SERIES = _("It is issued if the person asks for it. The certificate of the last dose says more.")
WITHOUT_KEY = _(
    "Just now no certificate can be issued, because the ministry has no valid signing key. It is issued by itself "
    "later: it comes by e-mail, or the person can come for it another day."
)
# What stands in its way, and the way out.
OBSTACLES: dict[str, str | Promise] = {
    Obstacle.LATIN_NAME: _(
        "The name is not in Latin letters. Take the person's travel document and write the name as it stands there; "
        "then the certificate is issued."
    ),
    Obstacle.NO_CODES: _(
        "The EU has no code for this vaccine or for a dose of this number, as far as our data say. The ministry adds "
        "it; the certificate is then issued by itself. If it is urgent, call the ministry's help desk."
    ),
}


@dataclass(frozen=True)
class Sent:
    """A delivery as the desk reads it: where it went, how it fared, whether its password is to be printed here."""

    delivery: Delivery
    lines: list[status.Line]
    has_password_to_print: bool

    @property
    def phone(self) -> str:
        """The telephone in groups of digits."""
        return telephone.readable(str(self.delivery.phone)) if self.delivery.phone else ""


@dataclass(frozen=True)
class DoseCertificates:
    """One dose and its certificates, the newest first; at most one of them lives."""

    dose: Dose
    living: Certificate | None
    older: tuple[Certificate, ...]
    # The newest one that was not dropped: open, or how the last one ended.
    request: IssueRequest | None
    now: datetime
    # Whether the dose completes the series or is a booster.
    is_due: bool
    # Of the living one, the newest first.
    deliveries: tuple[Sent, ...] = ()
    # Whether the person had the last dose of a series, this one or a later one.
    is_series_complete: bool = False
    # Whether none can be issued before somebody writes the name in Latin letters.
    is_name_missing: bool = False

    @property
    def counts(self) -> bool:
        """Whether the record of the dose counts; one entered in error has revoked certificates at most."""
        return self.dose.state == Dose.State.VALID

    @cached_property
    def standing(self) -> Standing:
        """How the dose stands with its certificate."""
        newest = self.living or next(iter(self.older), None)
        return standing(newest, state=self.request.state if self.request else "", is_due=self.is_due, now=self.now)

    @property
    def words(self) -> str | Promise:
        """The standing in words."""
        return WORDS[self.standing]

    @cached_property
    def explanation(self) -> str | Promise:
        """What follows from it; of an obstacle the way out. Empty where nothing is to be explained."""
        if self.standing == Standing.BLOCKED and self.request:
            return OBSTACLES.get(self.request.obstacle, "")
        if self.waits_for_spelling:
            return OBSTACLES[Obstacle.LATIN_NAME]
        if self.standing == Standing.NOT_DUE and self.is_series_complete:
            return AFTER_THE_SERIES
        if self.standing == Standing.DUE and not SigningKey.objects.signing(self.now).exists():
            return WITHOUT_KEY
        return EXPLANATIONS.get(self.standing, "")

    @property
    def waits_for_spelling(self) -> bool:
        """Whether somebody has to write the name in Latin letters before one can be issued."""
        if self.standing == Standing.BLOCKED:
            return self.request is not None and self.request.obstacle == Obstacle.LATIN_NAME
        return self.is_name_missing and self.standing in _ISSUABLE

    @property
    def can_be_printed(self) -> bool:
        """Whether there is one whose time is not over."""
        return self.standing == Standing.READY

    @property
    def can_be_issued(self) -> bool:
        """Whether whoever stands here can have one at once: nothing stands in the way but that nobody asked."""
        return self.standing in _ISSUABLE and not self.is_name_missing

    @property
    def has_expired(self) -> bool:
        """Whether the time of the living one is over."""
        return self.standing == Standing.EXPIRED

    @property
    def is_being_replaced(self) -> bool:
        """Whether a new one is on its way although there is a living one."""
        return self.living is not None and self.request is not None and self.request.state in IssueRequest.OPEN

    @property
    def rejection(self) -> str:
        """Why the ministry rejected the last request; empty where it did not."""
        is_rejected = self.request is not None and self.request.state == State.REJECTED
        return self.request.decision_reason if is_rejected and self.request else ""

    @property
    def taken_away(self) -> Certificate | None:
        """The certificate that was revoked by hand, where none was issued since."""
        newest = next(iter(self.older), None)
        is_taken_away = self.standing == Standing.TAKEN_AWAY and newest is not None
        return newest if is_taken_away and newest and newest.revocation in Certificate.BY_HAND else None


def standing(newest: Certificate | None, *, state: str, is_due: bool, now: datetime) -> Standing:
    """How a dose stands with this certificate, the valid one or else the last one.

    `state` is that of its newest request that was not dropped, "" for none; `is_due` after the last of the series.
    """
    if newest is not None and newest.state == Certificate.State.VALID:
        return Standing.EXPIRED if newest.has_expired(now) else Standing.READY
    if is_taken_away(newest, state):
        return Standing.TAKEN_AWAY
    nothing = Standing.NONE if is_due or state else Standing.NOT_DUE
    open_ones = {State.WAITING: Standing.DUE, State.HELD: Standing.HELD, State.BLOCKED: Standing.BLOCKED}
    return open_ones.get(State(state), nothing) if state else nothing


def of_person(person: Person, *, now: datetime) -> list[DoseCertificates]:
    """The person's doses that count, and those entered in error that had a certificate; five queries."""
    had_one = Exists(Certificate.objects.filter(dose=OuterRef("pk")))
    doses = Dose.objects.of(person).filter(Q(state=Dose.State.VALID) | had_one)
    found = _of(doses.select_related("vaccine", "site").order_by("-number", "-given_at"), now)
    sent = deliveries_of([one.living for one in found if one.living], now=now)
    is_complete = any(one.counts and one.dose.number >= one.dose.vaccine.doses for one in found)
    is_name_missing = not is_spelled(person)
    return [
        replace(
            one,
            deliveries=tuple(row for row in sent if one.living and row.delivery.certificate_id == one.living.pk),
            is_series_complete=is_complete,
            is_name_missing=is_name_missing,
        )
        for one in found
    ]


def of_dose(dose: Dose, *, now: datetime) -> DoseCertificates:
    """The certificates of one dose; three queries."""
    return replace(_of([dose], now)[0], is_name_missing=not is_spelled(standing_for(dose.person)))


def deliveries_of(certificates: Sequence[Certificate], *, now: datetime) -> list[Sent]:
    """How these certificates were sent, the newest first; one query."""
    rows = Delivery.objects.filter(certificate__in=[one.pk for one in certificates])
    shown = rows.select_related("email_message", "sms_message", "asked_by").defer(
        "email_message__text", "sms_message__text"
    )
    return [
        Sent(one, status.status(one, now=now), password_keeping.is_printable(one, now=now))
        for one in shown.order_by("-asked_at")[:MOST_DELIVERIES]
    ]


def needs_spelling(person: Person) -> bool:
    """Whether the name is in another script, so that a certificate has to have a spelling in Latin letters."""
    return not (latin_name.is_latin(person.first_name) and latin_name.is_latin(person.last_name))


def is_spelled(person: Person) -> bool:
    """Whether each name of another script has its spelling in Latin letters."""
    names = ((person.last_name, person.latin_last_name), (person.first_name, person.latin_first_name))
    return all(latin_name.is_latin(name) or spelled for name, spelled in names)


def _of(doses: Iterable[Dose], now: datetime) -> list[DoseCertificates]:
    doses = list(doses)
    due = completing(dose.pk for dose in doses)
    certificates, newest = defaultdict[UUID, list[Certificate]](list), dict[UUID, IssueRequest]()
    shown = Certificate.objects.select_related("issued_by", "revoked_by").defer("text", "facts_hash")
    for one in shown.filter(dose__in=doses).order_by("-issued_at"):
        certificates[one.dose_id].append(one)
    requests = IssueRequest.objects.filter(dose__in=doses).exclude(state=State.DROPPED)
    for request in requests.select_related("asked_by").order_by("pk"):
        newest[request.dose_id] = request
    return [
        DoseCertificates(
            dose=dose,
            living=next((one for one in certificates[dose.pk] if one.state == Certificate.State.VALID), None),
            older=tuple(one for one in certificates[dose.pk] if one.state != Certificate.State.VALID),
            request=newest.get(dose.pk),
            now=now,
            is_due=dose.pk in due,
        )
        for dose in doses
    ]
