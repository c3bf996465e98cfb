"""Who somebody is: what is known of a person, their one row, and their sex."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from crs.prepared_queries import Given, Prepared
from crs.states import CZECHIA
from registration.address import ADDRESS, STATED
from registration.models import Person
from registration.people import identity_document
from registration.people.errors import DocumentOfSomebodyElse, PersonDied, PersonIsBusy
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber, is_womans, lookup_hash

_NAME = ("first_name", "last_name")
_LATIN_NAME = ("latin_first_name", "latin_last_name")
_CONTACT = (*_NAME, *_LATIN_NAME, "insurer", *ADDRESS)


@dataclass(frozen=True)
class PersonDetails:
    """Statements about a person, already read and checked; `identity` finds them."""

    identity: InsuredNumber | IdentityDocument
    first_name: str
    last_name: str
    birth_date: date
    latin_first_name: str = ""
    latin_last_name: str = ""
    sex: str = ""
    insurer: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    country: str = CZECHIA

    @property
    def contact(self) -> dict[str, str]:
        """What may change in a person's life, as fields of the row."""
        return {name: getattr(self, name) for name in _CONTACT}

    def changes_of(self, person: Person) -> dict[str, str]:
        """The `contact` that was said anew; what nobody said stays as it is known, an address as a whole.

        A spelling in Latin letters is that of its name: another name without one has none.
        """
        said = self.contact
        is_renamed = any(said[name] != getattr(person, name) for name in _NAME)
        # The country alone says nothing.
        groups = (_NAME, ("insurer",), STATED, _LATIN_NAME)
        wholes = [
            group for group in groups if any(said[name] for name in group) or (group == _LATIN_NAME and is_renamed)
        ]
        names = [name for group in wholes for name in (ADDRESS if group == STATED else group)]
        return {name: said[name] for name in names}


def of_insured_number(digits: str) -> QuerySet[Person]:
    """The rows with this insured person's number: one at most."""
    return Person.objects.filter(insured_number_hash=lookup_hash(digits))


def of_document(document: IdentityDocument) -> QuerySet[Person]:
    """The rows with this document; the first is the one that counts."""
    found = Person.objects.filter(document_hash=document.lookup_hash)
    return found.order_by(F("merged_into").asc(nulls_first=True), "pk")


def of_document_number(text: str) -> QuerySet[Person]:
    """The rows with a document of this number, as typed. Whoever calls tells no type and no state: all are asked for.

    Raises InvalidDocument.
    """
    hashes = identity_document.hashes_of(identity_document.clean_number(text))
    return Person.objects.filter(document_hash__in=list(hashes))


def standing_for(person: Person) -> Person:
    """The row that stands for the person now, where rows were joined: records are joined one deep."""
    return person.merged_into or person


def rows_of(person: Person | Given) -> QuerySet[Person]:
    """The row that stands for the person, with those that were joined into it; a prepared query is given its key."""
    key = person if isinstance(person, Given) else person.pk
    return Person.objects.filter(Q(pk=key) | Q(merged_into=key))


def found_by(details: PersonDetails) -> QuerySet[Person]:
    """The rows with the number or document of the details; the first is the one that counts."""
    if isinstance(details.identity, InsuredNumber):
        return of_insured_number(details.identity.digits)
    return of_document(details.identity)


def _locking(found: QuerySet[Person]) -> QuerySet[Person]:
    """The rows with those into which they were joined, the lower key first."""
    is_hit, is_joined = Q(pk__in=found.order_by().values("pk")), Q(pk__in=found.order_by().values("merged_into"))
    return Person.objects.filter(is_hit | is_joined).order_by("pk").select_for_update(no_key=True)


# Every registration asks it.
_LOCKED_BY_NUMBER = Prepared(lambda: _locking(Person.objects.filter(insured_number_hash=Given("number"))))


def locked(details: PersonDetails) -> Person:
    """The row that stands for the person, created where it is missing, and locked.

    Two who register the same person wait for each other here: the insert of the second waits for the first at the
    unique hash, and then does nothing. The lock lets others refer to the row meanwhile. Whoever comes with a number or
    document whose record was joined with another one gets that other one; both are locked, the lower key first.
    Raises PersonIsBusy where they were joined just now.
    """
    _insert_missing(details)
    if isinstance(details.identity, InsuredNumber):
        found = _LOCKED_BY_NUMBER.all(number=lookup_hash(details.identity.digits))
    else:
        found = list(_locking(of_document(details.identity)))
    rows = {row.pk: row for row in found}
    hits = [row for row in rows.values() if _is_hit(details, row)]
    person = min(hits, key=lambda row: (row.merged_into_id is not None, row.pk))
    if person.merged_into_id is None:
        return person
    standing = rows.get(person.merged_into_id)
    if standing is None:  # joined while this waited: it would be a lock out of the order
        raise PersonIsBusy
    return standing


def refuse_who_cannot_come(person: Person, details: PersonDetails) -> None:
    """Raises PersonDied, and DocumentOfSomebodyElse where no record of the person has the date of birth."""
    if person.died_on is not None:
        raise PersonDied
    if person.birth_date != details.birth_date and not rows_of(person).filter(birth_date=details.birth_date).exists():
        raise DocumentOfSomebodyElse


def sex_of(person: Person) -> str:
    """The person's sex, as the field says it or else the insured person's number; "" where nothing tells it."""
    if person.sex or not person.insured_number:
        return person.sex
    return Person.Sex.FEMALE if is_womans(person.insured_number) else Person.Sex.MALE


def _is_hit(details: PersonDetails, person: Person) -> bool:
    if isinstance(details.identity, InsuredNumber):
        return bool(person.insured_number_hash == lookup_hash(details.identity.digits))
    return bool(person.document_hash == details.identity.lookup_hash)


def _insert_missing(details: PersonDetails) -> None:
    # Where two insert at once, the unique index lets one through. It does not know the documents of joined rows.
    if isinstance(details.identity, InsuredNumber) or not found_by(details).exists():
        Person.objects.bulk_create([_new(details)], ignore_conflicts=True)


def _new(details: PersonDetails) -> Person:
    person = Person(birth_date=details.birth_date, sex=details.sex, **details.contact)
    identity = details.identity
    if isinstance(identity, InsuredNumber):
        person.insured_number, person.insured_number_hash = identity.digits, lookup_hash(identity.digits)
    else:
        person.document_type, person.document_country = identity.type, identity.country
        person.document_number, person.document_hash = identity.number, identity.lookup_hash
    return person
