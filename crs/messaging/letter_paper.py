"""The letters of a batch on paper, in large print, for window envelopes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crs.messaging.models import Message
from crs.pdf import rendering
from crs.pdf.source import Printing

# What fits into the window of the envelope: signs of a line, lines below the number; and the class of that size.
_SIZES = ((36, 4, ""), (48, 5, "long"))


@dataclass(frozen=True)
class Sheet:
    """One letter as its page shows it, in the language of its reader."""

    language: str
    label: str
    address: list[str]
    size: str
    day: str
    heading: str
    paragraphs: list[list[str]]


def letters_pdf(letters: Sequence[Message]) -> bytes:
    """All letters as one PDF/UA-1, each on pages of its own. Raises what `rendering.pdf` raises."""
    key = "letters " + " ".join(str(letter.pk) for letter in letters)
    with translation.override(settings.LANGUAGE_CODE):
        title = _("Letters to be posted")
    return rendering.pdf(
        "messaging/paper/letters.html",
        {"title": title, "letters": [_sheet(one) for one in letters], "sender": settings.LETTER_SENDER.split(";")},
        sheet="messaging/paper/letters.css",
        language=settings.LANGUAGE_CODE,
        identifier=sha256(key.encode()).digest()[:16],
        # Windows of envelopes do not move with the size of a print.
        printing=Printing(is_scaled=False, is_one_sided=True),
    )


def _sheet(letter: Message) -> Sheet:
    with translation.override(letter.language):
        address = (letter.address or "").splitlines()
        blocks = (letter.text or "").split("\n\n")
        return Sheet(
            language=letter.language,
            label=_("Letter %(number)s") % {"number": letter.pk},
            address=address,
            size=_size(address),
            day=date_format(timezone.localtime(letter.created_at), _("j E Y")),
            heading=letter.subject,
            paragraphs=[block.strip().splitlines() for block in blocks if block.strip()],
        )


def _size(address: Sequence[str]) -> str:
    """The class of the largest letters in which the address fits the window."""
    for signs, lines, size in _SIZES:
        if sum(math.ceil(len(line) / signs) for line in address) <= lines:
            return size
    return "longest"
