"""What stands in the head of an e-mail besides recipient and subject, for letters that want answers."""

from collections.abc import Mapping
from email.utils import parseaddr

from django.conf import settings

from crs.keyed_hash import keyed_hash
from crs.messaging.models import Message

# Goes on the envelope, where bounces are sent; the far end writes it into the letter under this name.
ENVELOPE_SENDER = "Return-Path"
# An empty value leaves out what would stand there otherwise.
ALLOWED = frozenset(
    {
        ENVELOPE_SENDER,
        "From",
        "Reply-To",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    }
)


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as the outbox keeps them. Raises ValueError: one that is not allowed, or signs that end a line."""
    for name, value in headers.items():
        if name not in ALLOWED:
            raise ValueError(f"The outbox sets no header {name!r}.")
        if not value.isprintable():
            raise ValueError(f"The header {name} holds signs that no header may have.")
    return dict(headers)


def sender(message: Message) -> str:
    """The name and address from which the e-mail comes."""
    return message.headers.get("From") or settings.DEFAULT_FROM_EMAIL


def identifier(message: Message) -> str:
    """What stands left of @ in the Message-ID: the same for each try, so that a reader can drop the second copy.

    Without the hash the number of our messages could be read from it.
    """
    return keyed_hash("message-id", str(message.pk))[:32]


def message_id(message: Message) -> str:
    """The Message-ID of an e-mail that stands in the outbox, in its angle brackets."""
    domain = parseaddr(sender(message))[1].rpartition("@")[2] or "localhost"
    return f"<{identifier(message)}@{domain}>"
