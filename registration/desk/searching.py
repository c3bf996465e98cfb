"""Looking for registrations, as callers say it: by a number, a telephone, a document, or by name and date of birth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from crs import tries, typed
from crs.tries import Limit
from registration import number as registration_number
from registration.desk.errors import EmailIsNotSearched, NameWithNumber, NotEnoughToSearch, TooManySearches
from registration.models import LineRequest, Person, Registration, RegistrationClaim
from registration.people import insured_number, persons
from registration.people.errors import InvalidDocument, InvalidInsuredNumber
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone

LONGEST = 120
MOST_SHOWN = 20
# An operator takes about twenty calls an hour and searches a few times in each.
SEARCHES = Limit("searches for registrations by an account", 300, timedelta(hours=1))
# Of one telephone or one name more rows are never read than this.
_MOST_READ = 200


class PlainName(Func):
    """A name as it is compared: lower case, without accents (`registration/sql/plain_name.sql`)."""

    function = "registration_plain_name"
    output_field = TextField()


@dataclass(frozen=True)
class Line:
    """A person, by the row that stands for them, with the registration that says most about them."""

    person: Person
    registration: Registration


@dataclass(frozen=True)
class Found:
    """The result of a search: people, or a claim or a request that has exactly the number."""

    lines: tuple[Line, ...] = ()
    has_more: bool = False
    claim: RegistrationClaim | None = None
    request: LineRequest | None = None

    @property
    def only(self) -> Registration | None:
        """The registration to which the search leads at once."""
        return self.lines[0].registration if len(self.lines) == 1 else None


def search(text: str, *, born: date | None, by: User, now: datetime) -> Found:
    """Look for registrations that `text` may mean; `born` narrows a name.

    A number that is exactly that of a registration, a claim or a request leads there. A record that was joined with
    another one leads to that one. Raises NotEnoughToSearch (NameWithNumber, EmailIsNotSearched) and TooManySearches.
    """
    text = typed.plain(text[:LONGEST])
    if tries.count(SEARCHES, str(by.pk), now=now).is_over:
        raise TooManySearches
    if "@" in text:
        raise EmailIsNotSearched
    digits = typed.number(text)
    people = list(_by_number(text, digits, now=now)) if any(one.isdigit() for one in digits) else None
    if registration_number.is_valid(digits):
        registration = Registration.objects.select_related("person__merged_into").filter(number=digits).first()
        claim = RegistrationClaim.objects.filter(number=digits).first()
        request = LineRequest.objects.filter(number=digits).first()
        if registration is None and (claim or request) and not people:
            return Found(claim=claim, request=request)
        if registration is not None and not people:
            return Found((Line(persons.standing_for(registration.person), registration),))
        if registration is not None:
            people = [*(people or []), registration.person_id]
    if people == [] and _has_name(word for word in text.split() if not any(one.isdigit() for one in word)):
        raise NameWithNumber
    if people is None:
        people = list(_by_name(text, born))
    lines = _lines(people)
    return Found(tuple(lines[:MOST_SHOWN]), has_more=len(lines) > MOST_SHOWN)


def _by_number(text: str, digits: str, *, now: datetime) -> Iterable[int]:
    """Keys of people with this insured number, telephone, or number of a document."""
    found: list[int] = []
    try:
        insured = insured_number.parse(digits, today=timezone.localdate(now))
        found += persons.of_insured_number(insured.digits).values_list("pk", flat=True)
    except InvalidInsuredNumber:
        pass
    try:
        found += persons.of_document_number(text).values_list("pk", flat=True)[:_MOST_READ]
    except InvalidDocument:
        pass
    try:
        telephone = phone.parse_any(text)
        called = Registration.objects.filter(Q(phone=telephone) | Q(landline=telephone)).order_by("-pk")
        found += called.values_list("person", flat=True)[:_MOST_READ]
    except InvalidPhone:
        pass
    return found


def _by_name(text: str, born: date | None) -> Iterable[int]:
    """Keys of people in whose names all words of `text` stand, one of them at the beginning of a surname.

    With a date of birth the words may stand anywhere. Raises NotEnoughToSearch.
    """
    words = text.split()
    if not _has_name(words):
        raise NotEnoughToSearch
    return _named(words, born).values_list("pk", flat=True)[:_MOST_READ]


def _has_name(words: Iterable[str]) -> bool:
    """Whether one of them can be a name: two letters, or any sign of another script."""
    return any(sum(letter.isalpha() for letter in word) > 1 or not word.isascii() for word in words)


def _named(words: list[str], born: date | None) -> QuerySet[Person]:
    people = Person.objects.alias(
        surname=PlainName("last_name"),
        latin_surname=PlainName("latin_last_name"),
        names=PlainName(
            Concat(
                *("last_name", Value(" "), "first_name", Value(" "), "latin_last_name", Value(" "), "latin_first_name")
            )
        ),
    )
    for word in words:
        people = people.filter(names__contains=PlainName(Value(word)))
    if born is not None:
        people = people.filter(birth_date=born)
    else:
        begins = Q()
        for word in words:
            begins |= Q(surname__startswith=PlainName(Value(word)))
            begins |= Q(latin_surname__startswith=PlainName(Value(word))) & ~Q(latin_last_name="")
        people = people.filter(begins)
    return people.order_by(F("surname"), "birth_date", "pk")


def _lines(keys: Iterable[int]) -> list[Line]:
    """A line for each person with a registration, in the order of `keys`; one that stands goes before others."""
    order = list(dict.fromkeys(keys))
    people = Person.objects.select_related("merged_into").in_bulk(order)
    standing = list(dict.fromkeys(persons.standing_for(people[key]) for key in order if key in people))
    rows = Registration.objects.filter(Q(person__in=standing) | Q(person__merged_into__in=standing))
    ended = Registration.State.CANCELLED
    best: dict[int, Registration] = {}
    for one in rows.select_related("person").order_by("-created_at", "-pk"):
        whose = one.person.merged_into_id or one.person_id
        known = best.get(whose)
        if known is None or (known.state == ended and one.state != ended):
            best[whose] = one
    return [Line(person, best[person.pk]) for person in standing if person.pk in best]
