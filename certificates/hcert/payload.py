"""The content of a certificate of vaccination (the EU's schema 1.3.0)."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

VERSION = "1.3.0"
LONGEST_TEXT = 80


@dataclass(frozen=True)
class VaccinationFacts:
    """A dose, in the codes of the EU's value sets, and the person it was given to."""

    last_name: str
    first_name: str
    family_name_mrz: str  # A to Z and '<'; of the travel document, or by registration.latin_name.machine_readable
    given_name_mrz: str
    birth_date: date
    disease: str
    prophylaxis: str
    product: str
    holder: str
    dose_number: int
    total_doses: int
    given_on: date
    country: str
    issuer: str


@dataclass(frozen=True)
class Vaccination(VaccinationFacts):
    """What a certificate says of a dose, with its own identifier."""

    uvci: str


def payload(vaccination: Vaccination) -> dict[str, Any]:
    """The content of the certificate, in the schema's order. Raises ValueError for a person without a Latin name."""
    if not (vaccination.family_name_mrz or vaccination.given_name_mrz):
        raise ValueError("The schema wants a name in Latin letters.")
    names = {
        "fn": _cut(vaccination.last_name),
        "fnt": vaccination.family_name_mrz[:LONGEST_TEXT].rstrip("<"),
        "gn": _cut(vaccination.first_name),
        "gnt": vaccination.given_name_mrz[:LONGEST_TEXT].rstrip("<"),
    }
    entry = {
        "tg": vaccination.disease,
        "vp": vaccination.prophylaxis,
        "mp": vaccination.product,
        "ma": vaccination.holder,
        "dn": vaccination.dose_number,
        "sd": vaccination.total_doses,
        "dt": vaccination.given_on.isoformat(),
        "co": vaccination.country,
        "is": _cut(vaccination.issuer),
        "ci": vaccination.uvci,
    }
    return {
        "ver": VERSION,
        # Whoever has one name only has none of the other: no null, no empty text.
        "nam": {part: name for part, name in names.items() if name},
        "dob": vaccination.birth_date.isoformat(),
        "v": [entry],
    }


def _cut(name: str) -> str:
    """The name in composed letters, at most 80 of them; a letter is never parted from its marks."""
    composed = unicodedata.normalize("NFC", name)
    end = LONGEST_TEXT
    while end and unicodedata.category(composed[end : end + 1] or "A").startswith("M"):
        end -= 1
    return composed[:end].rstrip()
