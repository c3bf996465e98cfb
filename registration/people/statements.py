"""What somebody typed about a person, kept as text: by a claim to a registration, and by a request to line 1221."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Self

from crs.states import CZECHIA
from registration.models import LineRequest, RegistrationClaim
from registration.people.short_name import short_name
from registration.people.telling import Reach


@dataclass(frozen=True)
class Statements:
    """All that the form was told; keys and dates as text, "" where nothing was said.

    Codes are no part of it: one that was spent is a `CodeUse`. Whoever has a `home_district` cannot come.
    """

    birth_date: str
    language: str = "cs"
    insured_number: str = ""
    document_type: str = ""
    document_country: str = ""
    document_number: str = ""
    sex: str = ""
    first_name: str = ""
    last_name: str = ""
    latin_first_name: str = ""
    latin_last_name: str = ""
    insurer: str = ""
    street: str = ""
    city: str = ""
    postcode: str = ""
    country: str = CZECHIA
    email: str = ""
    sites: Sequence[str] = ()
    reasons: Sequence[str] = ()
    guardian_name: str = ""
    guardian_relation: str = ""
    home_district: str = ""

    @classmethod
    def of(cls, row: RegistrationClaim | LineRequest) -> Self:
        """What the row keeps; its field is encrypted."""
        return cls(**json.loads(row.typed))

    @property
    def as_text(self) -> str:
        """For the field `typed` of a row."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def name(self) -> str:
        """First name and surname."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def born(self) -> date:
        """The date of birth."""
        return date.fromisoformat(self.birth_date)


def change(claim: RegistrationClaim, **values: Any) -> None:
    """Let the claim, which the caller has locked and read under the lock, say something else."""
    claim.typed = replace(Statements.of(claim), **values).as_text
    claim.save(update_fields=["typed"])


def reach_of(claim: RegistrationClaim) -> Reach:
    """How whoever claims is reached."""
    said = Statements.of(claim)
    return Reach(said.language, str(claim.phone), said.email, whom=short_name(said))
