"""The head of a letter from a desk: by it mail programs keep one thread, and answers find their ticket."""

import re

from django.conf import settings
from django.utils.translation import gettext

from crs.messaging.headers import ENVELOPE_SENDER
from crs.typed import plain
from support.mail_out.tokens import bounce_address, reply_address
from support.models import Desk, Letter, Ticket
from support.tickets.rows import family

# RFC 5322 lets programs shorten the chain; the first ones name the thread, the last ones its place in it.
_LAST_REFERENCES = 20
# An answer goes to what a person wrote, not to their holiday reply.
_WRITTEN = (Letter.Kind.HUMAN, Letter.Kind.LIST, Letter.Kind.PAGE)
# What a header can bear, a line of 998 signs among it.
_MESSAGE_ID = re.compile(r"[!-;=?-~]{1,250}", re.ASCII)
_LONGEST_TITLE = 150
_PREFIX = re.compile(r"(?:(?:re|odp|fw|fwd|aw|wg|sv|vs|př|antw)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_OUR_NUMBER = re.compile(r"\[CRS-\d+\]", re.IGNORECASE)


def desk_name(desk: str) -> str:
    """How the desk signs, in the present language."""
    return gettext("Support of line 1221") if desk == Desk.LINE else gettext("Support of vaccination sites")


def title(ticket: Ticket) -> str:
    """The subject of all letters of the ticket, without 'Re:' and number: where it changed, Gmail would split them."""
    bare = _PREFIX.sub("", plain(_OUR_NUMBER.sub(" ", plain(ticket.subject))), count=1) if ticket.subject else ""
    return bare[:_LONGEST_TITLE].strip() or gettext("your message")


def head(ticket: Ticket, letter: Letter, *, is_automatic: bool) -> dict[str, str]:
    """The headers of a letter of ours that stands at the ticket, from the desk in the present language."""
    asked, chain = _thread(ticket)
    automatic = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}
    # A person wrote it: what their mail program answers by itself (away until Monday) is worth knowing.
    by_hand = {"Auto-Submitted": ""}
    return {
        "From": f'"{desk_name(ticket.desk)}" <{settings.SUPPORT_ADDRESSES[ticket.desk]}>',
        "Reply-To": reply_address(ticket),
        "In-Reply-To": asked,
        "References": chain,
        ENVELOPE_SENDER: bounce_address(letter),
        **(automatic if is_automatic else by_hand),
    }


def _thread(ticket: Ticket) -> tuple[str, str]:
    """What is answered, the last letter of the ticket's sender, and the chain that leads to it."""
    letters = Letter.objects.filter(ticket__in=family(ticket)).exclude(message_id="").order_by("received_at", "id")
    rows = [
        (one, kind in _WRITTEN, sender.lower())
        for message_id, kind, sender in letters.values_list("message_id", "kind", "from_address")
        if (one := _bracketed(message_id))
    ]
    came = [one for one, is_written, _ in rows if is_written]
    by_sender = [one for one, is_written, sender in rows if is_written and sender == ticket.requester_address.lower()]
    asked = next(iter([*by_sender[-1:], *came[-1:]]), "")
    chain = list(dict.fromkeys(one for one, _, _ in rows))
    if asked:
        chain = chain[: chain.index(asked) + 1]
    return asked, " ".join([*chain[:1], *chain[1:][-_LAST_REFERENCES:]])


def _bracketed(message_id: str) -> str:
    """The Message-ID as a header bears it; '' where no header could."""
    bare = message_id.strip().strip("<>")
    return f"<{bare}>" if _MESSAGE_ID.fullmatch(bare) else ""
