"""Finding people by a number of theirs, whichever it is: all that staff search persons by, beside names (`naming`)."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from crs import typed
from registration import number
from registration.models import Registration
from registration.people import insured_number, persons
from registration.people.errors import InvalidDocument, InvalidInsuredNumber
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone

# Of one telephone more rows are never read than this.
_MOST_READ = 200


def has_digits(text: str) -> bool:
    """Whether `text` is a number, not a name; the signs of the Czech row of digits are digits too."""
    return any(one.isdigit() for one in typed.number(text))


def by_number(text: str, *, now: datetime) -> list[int]:
    """Keys of people with this insured person's number, document, telephone or landline, the likeliest first."""
    return list(dict.fromkeys(_by_number(text, now)))


def by_registration_number(text: str) -> list[int]:
    """The key of the person with this registration number."""
    digits = typed.number(text)
    if not number.is_valid(digits):
        return []
    return list(Registration.objects.filter(number=digits).values_list("person", flat=True))


def _by_number(text: str, now: datetime) -> Iterator[int]:
    with suppress(InvalidInsuredNumber):
        insured = insured_number.parse(text, today=timezone.localdate(now))
        yield from persons.of_insured_number(insured.digits).values_list("pk", flat=True)
    with suppress(InvalidDocument):
        yield from persons.of_document_number(text).values_list("pk", flat=True)[:_MOST_READ]
    with suppress(InvalidPhone):
        telephone = phone.parse_any(text)
        called = Registration.objects.filter(Q(phone=telephone) | Q(landline=telephone)).order_by("-pk")
        yield from called.values_list("person", flat=True)[:_MOST_READ]
