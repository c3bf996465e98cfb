"""Messages as the local inbox shows them."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet

from crs.messaging.models import Message

PAGE_SIZE = 50

# A PIN of six digits, a PIN2 of eight written in two fours, or a password alone on its line.
_PIN = re.compile(r"(?<![\d+])(?:\d{6}|\d{4} \d{4})(?!\d)|^[a-z\d]{8,20}$", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """A message as its recipient would see it."""

    message: Message
    pins: list[str]
    sender: str
    reply_to: str


def letters(*, recipient: str = "") -> QuerySet[Message]:
    """Every message, newest first; with `recipient` only those whose number or address contains it."""
    found = Message.objects.prefetch_related("attachments").order_by("-id")
    # A plus sign typed into an address line arrives as a space.
    wanted = recipient.replace("\0", "").strip().removeprefix("+")
    digits = "".join(wanted.split())
    if not wanted:
        return found
    return found.filter(recipient__icontains=digits if digits.isdigit() else wanted)


def opened(message: Message) -> Letter:
    """The message with its PINs picked out, so that they can stand in large print."""
    pins = _PIN.findall(message.text or "") if message.is_secret else []
    head = message.headers
    return Letter(message=message, pins=pins, sender=head.get("From", ""), reply_to=head.get("Reply-To", ""))
