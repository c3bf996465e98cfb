"""Where a certificate is sent: to the contact of its person's registration."""

from dataclasses import dataclass

from certificates.models import Certificate
from registration import persons
from registration.errors import InvalidPhone
from registration.models import Registration
from registration.phone import parse_for_sms


@dataclass(frozen=True)
class Recipient:
    """How a person is reached; empty means not at all. `number` is that of the registration."""

    registration: Registration | None
    email: str = ""
    phone: str = ""
    language: str = "cs"
    number: str = ""


def registration_of(certificate: Certificate) -> Registration | None:
    """The registration that counts for the person now, or else that of the dose."""
    person = persons.standing_for(certificate.person)
    standing = Registration.objects.standing().filter(person=person).first()
    return standing or certificate.dose.registration


def recipient_of(certificate: Certificate) -> Recipient:
    """The contact as it stands now; a telephone to which no SMS goes counts as none."""
    registration = registration_of(certificate)
    if registration is None:
        return Recipient(None)
    return Recipient(
        registration=registration,
        email=registration.email,
        phone=_with_sms(str(registration.phone)),
        language=registration.language,
        number=registration.number,
    )


def _with_sms(phone: str) -> str:
    try:
        return parse_for_sms(phone) if phone else ""
    except InvalidPhone:
        return ""
