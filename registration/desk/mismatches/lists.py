"""Mismatches that wait for a decision, and both records of one side by side."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import Mismatch, Person, PriorityClaim, Register, RegisterCheck, Registration
from registration.people import insured_number
from registration.registers import comparing
from registration.registers.answers import answer_of
from registration.registers.asking import HealthWorker, Insured

Text = str | Promise


@dataclass(frozen=True)
class Line:
    """One datum, as the person says it and as the register does."""

    label: Text
    said: Text
    registered: Text
    differs: bool = False


@dataclass(frozen=True)
class Tab:
    """A kind of mismatch with how many of it wait; an empty code: all kinds."""

    code: str
    label: Text
    count: int


def waiting() -> QuerySet[Mismatch]:
    """Those that nobody has decided, of registrations and claims that still hold; the oldest first."""
    rows = Mismatch.objects.filter(
        Q(check_done__claim=None) | Q(check_done__claim__state=PriorityClaim.State.DISPUTED),
        decided_at=None,
        check_done__state=RegisterCheck.State.DISAGREES,
        check_done__registration__state=Registration.State.ACTIVE,
    )
    return rows.select_related("check_done__registration").order_by("opened_at", "pk")


def open_count(_user: User) -> int:
    """How many wait."""
    return waiting().count()


def tabs() -> list[Tab]:
    """All kinds of which something waits, after all of them together."""
    counts = Counter(waiting().order_by().values_list("kind", flat=True))
    kinds = [Tab(kind.value, kind.label, counts[kind]) for kind in Mismatch.Kind if counts[kind]]
    return [Tab("", _("All"), sum(counts.values())), *kinds]


def lines_of(mismatch: Mismatch, *, now: datetime, shows_number: bool) -> list[Line]:
    """Both records, datum by datum; the insured person's number is masked unless it was asked for."""
    check = mismatch.check_done
    person, answer = check.registration.person, answer_of(check)
    number = person.insured_number or ""
    is_known = answer is not None
    kinds = comparing.differences(person, answer, Register(check.register), now=now)
    is_first, is_last = _name_marks(person, answer) if answer and Mismatch.Kind.NAME in kinds else (False, False)
    found = [
        Line(
            _("Insured person's number"),
            number if shows_number else insured_number.masked(number),
            _("known to the register") if is_known else _("not known to the register"),
            not is_known,
        ),
        Line(_("First name"), person.first_name, answer.first_name if answer else "", is_first),
        Line(_("Surname"), person.last_name, answer.last_name if answer else "", is_last),
    ]
    if isinstance(answer, HealthWorker):
        ended = Mismatch.Kind.NOT_A_WORKER in kinds
        claimed = check.claim.group if check.claim else ""
        return [
            *found,
            Line(_("Profession"), str(claimed), answer.profession),
            Line(_("Facility"), "", answer.facility),
            Line(_("Registered until"), "", _day(answer.until), ended),
        ]
    if check.register == Register.HEALTH_WORKERS:
        return [*found, Line(_("Profession"), str(check.claim.group if check.claim else ""), "", differs=True)]
    insurers = dict(Person.Insurer.choices)
    return [
        *found,
        Line(
            _("Date of birth"),
            _day(person.birth_date),
            _day(answer.birth_date) if answer else "",
            Mismatch.Kind.BIRTH_DATE in kinds,
        ),
        Line(
            _("Health insurer"),
            person.get_insurer_display(),
            insurers.get(answer.insurer, answer.insurer) if answer else "",
        ),
        Line(
            _("Insured until"),
            "",
            _day(answer.insured_until) if answer else "",
            Mismatch.Kind.NOT_INSURED in kinds,
        ),
        Line(_("Died on"), "", _day(answer.died_on) if answer else "", Mismatch.Kind.DIED in kinds),
    ]


def _name_marks(person: Person, answer: Insured | HealthWorker) -> tuple[bool, bool]:
    """Which of first name and surname differs; both where each agrees by itself."""
    marks = (
        not comparing.is_one_name((person.first_name, ""), (answer.first_name, "")),
        not comparing.is_one_name(("", person.last_name), ("", answer.last_name)),
    )
    return marks if any(marks) else (True, True)


def _day(day: date | None) -> str:
    return date_format(day, "j. n. Y") if day else ""
