"""Where a certificate is sent: to the contact of its person's registration."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from certificates.models import Certificate
from crs.messaging.models import Message
from registration.models import Registration
from registration.people import persons, telling
from registration.people.short_name import short_name
from registration.telephones.errors import InvalidPhone
from registration.telephones.phone import parse


@dataclass(frozen=True)
class Recipient:
    """How a person is reached; empty means not at all. `number` is that of the registration.

    `has_telephone` is also true of one that gets no SMS.
    """

    registration: Registration | None
    email: str = ""
    phone: str = ""
    language: str = "cs"
    number: str = ""
    has_telephone: bool = False

    def named(self, channel: Message.Channel) -> str:
        """The name with which a message to them begins."""
        if self.registration is None:
            return ""
        return telling.named(short_name(self.registration.person), channel, self.language, number=self.number)


def registration_of(certificate: Certificate) -> Registration | None:
    """The registration that counts for the person now, or else that of the dose."""
    return _registrations_of([certificate])[certificate.pk]


def recipient_of(certificate: Certificate) -> Recipient:
    """The contact as it stands now."""
    return recipients_of([certificate])[certificate.pk]


def recipients_of(certificates: Iterable[Certificate]) -> dict[UUID, Recipient]:
    """The contacts as they stand now, by certificate; one query where the persons and the doses were read along."""
    return {pk: _recipient(registration) for pk, registration in _registrations_of(certificates).items()}


def _registrations_of(certificates: Iterable[Certificate]) -> dict[UUID, Registration | None]:
    whose = {one: persons.standing_for(one.person).pk for one in certificates}
    registrations = Registration.objects.standing().filter(person__in=set(whose.values())).select_related("person")
    standing = {row.person_id: row for row in registrations}
    return {one.pk: standing.get(person) or one.dose.registration for one, person in whose.items()}


def _recipient(registration: Registration | None) -> Recipient:
    if registration is None:
        return Recipient(None)
    return Recipient(
        registration=registration,
        email=registration.email,
        phone=_with_sms(str(registration.phone)),
        language=registration.language,
        number=registration.number,
        has_telephone=bool(registration.phone),
    )


def _with_sms(phone: str) -> str:
    """The telephone, unless no SMS arrives there. `SMS_COUNTRIES` guards its first step only, as everywhere."""
    try:
        return parse(phone) if phone else ""
    except InvalidPhone:
        return ""
