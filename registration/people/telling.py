"""Telling a registered person something: by SMS, by e-mail and by letter, each where the person is reached so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from crs.messaging import outbox
from crs.messaging.models import Message
from registration import address
from registration.models import Person, Registration
from registration.number import grouped
from registration.people.short_name import ShortName, short_name


@dataclass(frozen=True)
class Reach:
    """How somebody is reached; an empty text: not in this way."""

    language: str
    phone: str = ""
    email: str = ""
    # Whom it is about: a telephone and an address may be those of a whole family.
    whom: ShortName = field(kw_only=True)
    # The lines of the envelope, for people without a mobile telephone.
    postal_address: str = ""
    # The number of the registration, which letters keep: so a corrected address reaches those that wait.
    number: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there is any way at all."""
        return bool(self.phone or self.email or self.postal_address)


def reach_of(registration: Registration) -> Reach:
    """How the registered person is reached; the address is that of their record."""
    return Reach(
        registration.language,
        str(registration.phone or ""),
        registration.email,
        postal_address(registration.person) if registration.by_letter else "",
        registration.number,
        whom=short_name(registration.person),
    )


def postal_address(person: Person) -> str:
    """The lines of the envelope; "" where the street or the town is not known."""
    if not (person.street and person.city):
        return ""
    # Whoever delivers it reads Latin letters.
    name = f"{person.latin_first_name or person.first_name} {person.latin_last_name or person.last_name}"
    return "\n".join([name.strip(), *address.envelope(person)])


def tell(
    reach: Registration | Reach,
    template: str,
    context: Mapping[str, object],
    *,
    secret: Mapping[str, object] | None = None,
    lane: Message.Lane = Message.Lane.PERSONAL,
    reference: str = "",
    due_at: datetime | None = None,
) -> None:
    """Write what `messages` makes to the outbox, in the caller's transaction."""
    outbox.queue_all(
        messages(reach, template, context, secret=secret, lane=lane, reference=reference, due_at=due_at),
    )


def messages(
    reach: Registration | Reach,
    template: str,
    context: Mapping[str, object],
    *,
    secret: Mapping[str, object] | None = None,
    lane: Message.Lane = Message.Lane.PERSONAL,
    reference: str = "",
    due_at: datetime | None = None,
) -> Iterator[Message]:
    """An SMS, an e-mail and a letter of `template`, each where the person is reached so; for `outbox.queue_all`.

    Each says whom it is for; a letter does so on its envelope. What stands in `secret` (a PIN2) is known to the SMS and
    to the letter alone; their texts are erased once they have served. Nothing where the person is reached in no way.
    """
    who = reach if isinstance(reach, Reach) else reach_of(reach)
    # Read in threes, as on the pages.
    said = {**context, "number": grouped(str(context["number"]))} if "number" in context else context
    ways = (
        (Message.Channel.SMS, who.phone),
        (Message.Channel.EMAIL, who.email),
        (Message.Channel.LETTER, who.postal_address),
    )
    for channel, recipient in ways:
        if not recipient:
            continue
        is_secret = bool(secret) and channel != Message.Channel.EMAIL
        yield outbox.compose(
            channel=channel,
            recipient=recipient,
            template=template,
            language=who.language,
            context={**said, **(secret or {})} if is_secret else said,
            lane=lane,
            is_secret=is_secret,
            reference=reference,
            due_at=due_at,
            owner=who.number,
            whom=named(who.whom, channel, who.language, number=who.number or str(context.get("number", ""))),
        )


def named(whom: ShortName, channel: Message.Channel, language: str, *, number: str) -> str:
    """The name with which a message begins; in an SMS that cannot write it the registration `number` in threes."""
    if channel == Message.Channel.EMAIL:
        return whom.own
    if channel == Message.Channel.LETTER:
        return ""
    if not (name := whom.in_sms(language)) and number:
        with translation.override(outbox.spoken(language)):
            return _("Registration %(number)s") % {"number": grouped(number)}
    return name
