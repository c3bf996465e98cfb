"""The people of our tests, with numbers that are really valid.

Marie and Karel are the first users of the portal: over 80, with nine digits. Jana helps them from her
telephone. Petr has a telephone of his own, Linh is a foreigner, Eliška is a child, Adam a small one.
"""

from dataclasses import dataclass, replace
from datetime import date

from registration.applying.registering import Details
from registration.people.insured_number import parse
from registration.people.persons import PersonDetails

# A day on which the ages below hold; tests at another time pass their own.
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class CastMember:
    """A person as they would fill in the form."""

    first_name: str
    last_name: str
    insured_number: str
    phone: str  # E.164
    insurer: str = "111"
    street: str = "Dlouhá 12"
    city: str = "Brno"
    postcode: str = "60200"
    email: str = ""

    @property
    def name(self) -> str:
        """First name and surname."""
        return f"{self.first_name} {self.last_name}"

    def form(self, **changes: object) -> dict[str, object]:
        """What the browser sends in step 3."""
        names = ("first_name", "last_name", "insured_number", "insurer", "street", "city", "postcode", "email")
        return {**{name: getattr(self, name) for name in names}, "consent": "on", **changes}

    def details(self, *, today: date = TODAY) -> Details:
        """What the form makes of it."""
        number = parse(self.insured_number, today=today)
        person = PersonDetails(
            identity=number,
            first_name=self.first_name,
            last_name=self.last_name,
            birth_date=number.birth_date,
            insurer=self.insurer,
            street=self.street,
            city=self.city,
            postcode=self.postcode,
        )
        return Details(person=person, email=self.email)

    def with_phone(self, phone: str) -> "CastMember":
        """The same person at another telephone."""
        return replace(self, phone=phone)


MARIE = CastMember("Marie", "Dvořáková", "385512/123", "+420601234567", email="marie@seznam.cz")
KAREL = CastMember("Karel", "Novák", "360314456", "+420602345678", insurer="207", city="Olomouc", postcode="77900")
JANA = CastMember("Jana", "Svobodová", "8556201236", "+420603456789", email="jana@seznam.cz")
PETR = CastMember("Petr", "Černý", "430305/321", "+420604567890", insurer="211", city="Praha", postcode="11000")
LINH = CastMember("Linh", "Nguyen", "7758681234", "+420605678901", city="Cheb", postcode="35002")
ELISKA = CastMember("Eliška", "Svobodová", "1555201230", JANA.phone)
ADAM = CastMember("Adam", "Svoboda", "2204151213", JANA.phone)
