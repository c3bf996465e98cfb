"""A forgotten password: a code by e-mail opens the page for a new one; the second factor stays as it is.

Codes are kept in the cache as keyed hashes, one for an account. An e-mail that no member of staff has gets a code
too, which nobody is sent: whoever tries sees the same pages, limits and refusals, and learns nothing.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from crs.accounts import account
from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from logistics.errors import NoResetCode, TooManyResetCodes, WrongResetCode
from logistics.second_factor import grouped, plain, random_code

logger = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=30)
TRIES = 5
# To one account, so that nobody fills a colleague's post with them.
CODES_PER_HOUR = 5
_CODE_LENGTH = 10
_HOUR = 3600


@dataclass(frozen=True)
class _Code:
    """What is kept of a code: its hash, and until when it works."""

    hash: str
    until: datetime


def send_code(*, email: str, now: datetime) -> None:
    """Send a code to the member of staff with this e-mail, valid for 30 minutes; an older one ends.

    Does the same, but for the sending, where there is none. Raises TooManyResetCodes.
    """
    user = _staff_with(email)
    key = _key(email, user)
    if _counted(f"{key}:sent", _HOUR) > CODES_PER_HOUR:
        raise TooManyResetCodes
    code = random_code(_CODE_LENGTH)
    seconds = int(VALID_FOR.total_seconds())
    cache.set(key, [_hash(code), (now + VALID_FOR).isoformat()], seconds)
    cache.set(f"{key}:tries", 0, seconds)
    # The text is made for nobody as well: it is most of the time that the answer takes.
    message = outbox.compose(
        channel=Message.Channel.EMAIL,
        recipient=user.email if user else email,
        template="logistics/password_reset",
        language=get_language() or settings.LANGUAGE_CODE,
        context={
            "email": user.email if user else email,
            "code": grouped(code, _CODE_LENGTH // 2),
            "address": settings.PUBLIC_URL + reverse("logistics:reset_code"),
        },
        is_secret=True,
        reference=str(user.pk) if user else "",
    )
    if user:
        with transaction.atomic():
            outbox.queue_all([message])


def check_code(*, email: str, code: str, now: datetime) -> User:
    """The account whose code it is; the code is used up by that. Raises WrongResetCode, NoResetCode."""
    user = _staff_with(email)
    key = _key(email, user)
    found = cache.get(key)
    kept = _Code(found[0], datetime.fromisoformat(found[1])) if found else None
    # Counted before it is looked at, so that many tries at once are not more than many one by one.
    if kept is None or kept.until <= now or _counted(f"{key}:tries", _HOUR) > TRIES:
        raise NoResetCode
    if not compare_digest(kept.hash, _hash(plain(code))) or user is None:
        raise WrongResetCode
    # Of the same code sent twice at once, one finds it there to delete.
    if not cache.delete(key):
        raise NoResetCode
    return user


def set_password(*, user: User, password: str) -> None:
    """Give the account a password that has passed the validators; sessions of the old one end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    logger.info("The forgotten password of account %s was replaced", user.pk)


def _staff_with(email: str) -> User | None:
    user = account(email)
    return user if user and user.is_active and user.is_staff and user.email else None


def _key(email: str, user: User | None) -> str:
    return "password-reset:" + keyed_hash("password-reset", f"account {user.pk}" if user else email.lower())


def _hash(code: str) -> str:
    return keyed_hash("password-reset-code", code)


def _counted(key: str, seconds: int) -> int:
    """Count one more under `key`, which is forgotten `seconds` after the first; how many there are now."""
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out in between
        cache.set(key, 1, seconds)
        return 1
