"""Looking for registrations, as callers say it: by a number, a telephone, a document, or by name and date of birth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import Q

from crs import tries, typed
from crs.tries import Limit
from registration import number as registration_number
from registration.desk.errors import EmailIsNotSearched, NameWithNumber, NotEnoughToSearch, TooManySearches
from registration.models import LineRequest, Person, Registration, RegistrationClaim
from registration.people import finding, naming, persons

LONGEST = 120
MOST_SHOWN = 20
# An operator takes about twenty calls an hour and searches a few times in each.
SEARCHES = Limit("searches for registrations by an account", 300, timedelta(hours=1))


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
    people = finding.by_number(text, now=now) if finding.has_digits(text) else None
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


def _by_name(text: str, born: date | None) -> Iterable[int]:
    """Keys of people in whose names all words of `text` stand. Raises NotEnoughToSearch."""
    if not _has_name(text.split()):
        raise NotEnoughToSearch
    return naming.found(text, born=born).values_list("pk", flat=True)


def _has_name(words: Iterable[str]) -> bool:
    """Whether one of them can be a name: two letters, or any sign of another script."""
    return any(sum(letter.isalpha() for letter in word) > 1 or not word.isascii() for word in words)


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
