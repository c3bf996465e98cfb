"""Addresses of ours that say to which ticket, and to which letter, whatever comes there belongs.

    podpora+t123-0a1b2c3d4e5f6a7b@example.cz       answers (Reply-To)
    podpora+b123-456-0a1b2c3d4e5f6a7b@example.cz   bounces (envelope)

Digits, a to f, '+', '-': mail servers that change capitals, and people who copy an address, do it no harm. Nobody can
make one without our key. Who was sent a letter on can answer at the ticket, and no more: they become a participant.
"""

import hmac
import re
from email.utils import parseaddr

from django.conf import settings

from crs.keyed_hash import keyed_hash
from support.models import Letter, Ticket

# Left of @; with a tag of two numbers of ten digits it stays within the 64 of RFC 5321.
LONGEST_NAME = 24
_SIGNATURE = 16  # hex digits: 64 bits, each guess of which is a letter
_TOKEN = re.compile(r"(?:t(\d{1,19})|b(\d{1,19})-(\d{1,19}))-([0-9a-f]{16})", re.ASCII)


def reply_address(ticket: Ticket) -> str:
    """Where answers of the ticket go."""
    return _tagged(ticket.desk, f"t{ticket.pk}")


def bounce_address(letter: Letter) -> str:
    """Where mail servers tell that a letter of ours could not be delivered. The letter is at a ticket."""
    return _tagged(letter.desk, f"b{letter.ticket_id}-{letter.pk}")


def ticket_id_of(address: str) -> int | None:
    """The key of the ticket that the address names; None where it names none, or nobody of us made it."""
    found = _signed(address)
    return int(found[1] or found[2]) if found else None


def letter_id_of(address: str) -> int | None:
    """The key of the letter of ours that bounced, from the address to which the bounce came; None as above."""
    found = _signed(address)
    return int(found[3]) if found and found[3] else None


def is_ours(address: str) -> bool:
    """Whether letters to the address come back to us: a desk, with or without a tag, or the sender of our e-mails."""
    plain = {
        _untagged(one) for one in (*settings.SUPPORT_ADDRESSES.values(), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    }
    return _untagged(address) in plain or ticket_id_of(address) is not None


def _tagged(desk: str, body: str) -> str:
    local, _, domain = settings.SUPPORT_ADDRESSES[desk].rpartition("@")
    return f"{local}+{body}-{_signature(body)}@{domain}"


def _signed(address: str) -> re.Match[str] | None:
    tag = address.strip().strip("<>").rpartition("@")[0].rpartition("+")[2].lower()
    found = _TOKEN.fullmatch(tag)
    if found is None or not hmac.compare_digest(found[4], _signature(tag.rpartition("-")[0])):
        return None
    return found


def _signature(body: str) -> str:
    return keyed_hash("support-address", body)[:_SIGNATURE]


def _untagged(address: str) -> str:
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
