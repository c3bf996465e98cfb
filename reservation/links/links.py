"""Personal links: issued into a message, and found again by whoever taps them.

A link stands in an address for one request only: its page puts what it opens into the session and leads on
(reservation/walk/views/links.py). The token has 80 random bits, so that nobody guesses one.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse

from crs.keyed_hash import keyed_hash
from registration.models import Registration
from reservation.models import PersonalLink

# No letter that is read as another one: people type a link from a letter, too.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
TOKEN_LENGTH = 16
# So long a link that ran out is still known, so that its page can say so.
KEPT_FOR = timedelta(days=30)


def issue(
    *,
    registration: Registration,
    purpose: PersonalLink.Purpose,
    about: object,
    now: datetime,
    expires_at: datetime,
    is_by_phone: bool = False,
) -> str:
    """Make a link to the row with key `about`, and return its address as a message shows it, without 'https://'.

    `is_by_phone`: it goes out by SMS alone, in a text that is erased once it has served.
    """
    token = "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_LENGTH))
    PersonalLink.objects.create(
        registration=registration,
        purpose=purpose,
        about=str(about),
        token_hash=_hash(token),
        made_at=now,
        expires_at=expires_at,
        is_by_phone=is_by_phone,
    )
    return address_of("reservation:open_link", token)


def address_of(page: str, *args: object) -> str:
    """The address of a page as a message shows it, without 'https://'."""
    return settings.PUBLIC_URL.partition("://")[2] + reverse(page, args=args)


def find(token: str) -> PersonalLink | None:
    """The link of a token as it was tapped or typed, also one that ran out: its page says what became of it."""
    typed = "".join(letter for letter in token.upper() if letter in ALPHABET)
    return PersonalLink.objects.select_related("registration").filter(token_hash=_hash(typed)).first()


def forget_old(*, now: datetime) -> int:
    """Delete links that ran out long ago; returns how many."""
    return PersonalLink.objects.filter(expires_at__lt=now - KEPT_FOR).delete()[0]


def _hash(token: str) -> str:
    return keyed_hash("personal link", token)
