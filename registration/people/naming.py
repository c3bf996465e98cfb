"""Finding people by their names, as staff type them: all words, in any order, without marks, a part of a name too."""

from datetime import date

from django.db.models import BooleanField, Case, Func, Q, QuerySet, TextField, Value, When
from django.db.models.expressions import CombinedExpression

from registration.models import Person
from registration.models.people import NAMES

# Of one name more rows are never read than this.
MOST_READ = 200


class PlainName(Func):
    """A name as it is compared: lower case, without accents (`registration/sql/plain_name.sql`)."""

    function = "registration_plain_name"
    output_field = TextField()


class _Parts(Func):
    """What a person's names are found by (`registration/sql/name_parts.sql`); the index `person_by_name_parts`."""

    function = "registration_name_parts"
    output_field = TextField()


class _Asked(Func):
    """All words of a text, as a question (`registration/sql/name_query.sql`)."""

    function = "registration_name_query"
    output_field = TextField()


def named(text: str) -> QuerySet[Person]:
    """The rows whose names hold all words of `text`; nobody where it has none."""
    asked = CombinedExpression(_Parts(*NAMES), "@@", _Asked(Value(text)), output_field=BooleanField())
    return Person.objects.filter(asked)


def found(text: str, *, born: date | None = None) -> QuerySet[Person]:
    """At most `MOST_READ` people of that name: first those whose surname begins with a word of it, then by surname.

    What is read is bounded, not only what is answered: of a common name there may be a hundred thousand.
    """
    people = (named(text) if born is None else named(text).filter(birth_date=born)).values_list("pk", flat=True)
    begins = Q(pk=None)
    for word in text.split():
        begins |= Q(surname__startswith=PlainName(Value(word)))
        begins |= Q(latin_surname__startswith=PlainName(Value(word))) & ~Q(latin_last_name="")
    plain_names = {"surname": PlainName("last_name"), "latin_surname": PlainName("latin_last_name")}
    keys = list(people.alias(**plain_names).filter(begins)[:MOST_READ])
    if len(keys) < MOST_READ:
        keys += people.exclude(pk__in=keys)[: MOST_READ - len(keys)]
    is_inside = Case(When(begins, then=0), default=1)
    return (
        Person.objects.filter(pk__in=keys)
        .alias(**plain_names)
        .order_by(is_inside, "last_name__czech", "first_name__czech", "birth_date", "pk")
    )
