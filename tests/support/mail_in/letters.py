"""Letters of these tests, and how they come to a desk."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import count

from support.mail_in import receiving
from support.models import Desk, Letter
from tests.factories import NOW

SITES, LINE = "podpora@crs.example", "1221@crs.example"
JANA = "jana@nemocnice.example"
_numbers = count(1)


def letter(
    text: str = "Dobrý den, tiskárna u druhého stolu netiskne štítky.",
    *,
    sender: str = f"Jana Nováková <{JANA}>",
    to: str = SITES,
    subject: str = "Netiskne tiskárna",
    message_id: str = "",
    **headers: str,
) -> bytes:
    """A plain letter; `headers` with underscores for hyphens."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = message_id or f"<{next(_numbers)}@nemocnice.example>"
    message.set_content(text)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message.as_bytes()


def come(
    raw: bytes | None = None, *, desk: Desk = Desk.SITES, sender: str = JANA, to: str = "", now: datetime = NOW
) -> Letter:
    """Let a letter come to a desk; `sender` and `to` stand on its envelope."""
    raw = letter() if raw is None else raw
    return receiving.accept(raw, desk=desk, envelope_sender=sender, envelope_recipient=to, now=now)


def later(**span: float) -> datetime:
    """So long after `NOW`."""
    return NOW + timedelta(**span)
