"""The identity document of a person without a Czech insured number (DOMAIN 2.2): its number, its state, its hash."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crs import typed
from crs.keyed_hash import keyed_hash
from crs.states import state_name, states
from registration.models import Person
from registration.people.errors import DocumentNumberHasOtherSigns, DocumentNumberIsNone, UnknownState

SHORTEST, LONGEST = 4, 20


@dataclass(frozen=True)
class IdentityDocument:
    """A document that names one person: made by `parse`, so that one document has one spelling."""

    type: str
    country: str
    number: str

    @property
    def lookup_hash(self) -> str:
        """The keyed hash under which its holder is found without reading the number."""
        return keyed_hash("identity-document", self.type, self.country, self.number)


def parse(*, document_type: str, country: str, number: str) -> IdentityDocument:
    """The document as staff type or scan it. Raises UnknownState and a subclass of InvalidDocumentNumber."""
    if not state_name(country):
        raise UnknownState
    return IdentityDocument(Person.DocumentType(document_type).value, country, clean_number(number))


def clean_number(text: str) -> str:
    """The number in upper case, without spaces, hyphens, the filler '<' and invisible characters.

    Raises DocumentNumberHasOtherSigns where something else than Latin letters and digits stands in it, and
    DocumentNumberIsNone where it is too short, too long or without a digit.
    """
    number = typed.number(text).replace("<", "")
    # Before the upper case, which would turn 'ß' into letters that stand in no document.
    if re.search("[^A-Za-z0-9]", number):
        raise DocumentNumberHasOtherSigns
    if not SHORTEST <= len(number) <= LONGEST or not re.search("[0-9]", number):
        raise DocumentNumberIsNone
    return number.upper()


def masked(number: str) -> str:
    """The number for a list: its last three signs only."""
    return "•" * (len(number) - 3) + number[-3:]


def hashes_of(number: str) -> Iterable[str]:
    """The hashes under which a document with this number may be kept, whatever its type and state."""
    for document_type in Person.DocumentType.values:
        for country, _name in states():
            yield IdentityDocument(document_type, country, number).lookup_hash
