"""A forgotten password: a code by e-mail opens the page for a new one; the second factor stays as it is.

Pages, limits, refusals and waiting times do not tell whether the e-mail belongs to staff. The request only stores the
question; a task looks the account up. For an e-mail that no member of staff has, the task makes a code too and sends
it to nobody.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language

from crs import queueing, sent_forms, tries
from crs.accounts.backend import canonical_name, find_account
from crs.accounts.codes import grouped, plain, random_code
from crs.accounts.errors import NoResetCode, TooManyResetCodes, WrongResetCode
from crs.accounts.models import PasswordReset
from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.tries import Limit

logger = logging.getLogger(__name__)

VALID_FOR = timedelta(minutes=30)
TRIES = Limit("code for a new password", 5, timedelta(hours=1))
# For one e-mail, so that nobody floods a colleague's mailbox.
CODES = Limit("codes for a new password", 5, timedelta(hours=1))
# Older requests are not answered: nobody waits that long.
KEPT = timedelta(hours=2)
_CODE_LENGTH = 10


def ask_for_code(*, email: str, now: datetime, form: Sending = NO_FORM) -> None:
    """Have a code sent to the member of staff with this e-mail; an older one ends.

    The request waits in the database; where the task cannot be started now, beat starts it within a minute. Raises
    TooManyResetCodes, FormChanged.
    """
    key = _key(email)

    def write_request() -> Outcome:
        if tries.count(CODES, key, now=now).is_over:
            return {"is_over": True}
        asked = PasswordReset(key=key, email=email, language=get_language() or settings.LANGUAGE_CODE, asked_at=now)
        PasswordReset.objects.bulk_create(
            [asked],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["email", "language", "asked_at", "code_hash", "expires_at", "user"],
        )
        tries.forgive(TRIES, key)
        transaction.on_commit(partial(queueing.send, "accounts.send_reset_codes"))
        return {}

    # Raised after the commit: inside, the count would be rolled back with it.
    if (sent_forms.once(form, write_request) or {}).get("is_over"):
        raise TooManyResetCodes


def send_codes(*, now: datetime) -> int:
    """Make and send the codes that were asked for, valid for 30 minutes; returns how many. Safe to run at once."""
    waiting = PasswordReset.objects.filter(code_hash="", asked_at__gt=now - KEPT)
    return sum(_send_code(key, now) for key in waiting.values_list("pk", flat=True))


def check_code(*, email: str, code: str, now: datetime) -> User:
    """The account that the code was made for; the code is used up. Raises WrongResetCode, NoResetCode."""
    key = _key(email)
    typed = tries.count(TRIES, key, now=now)
    reset = PasswordReset.objects.filter(pk=key).select_related("user").first()
    has_run_out = reset is not None and reset.expires_at is not None and reset.expires_at <= now
    if reset is None or has_run_out or typed.is_over:
        raise NoResetCode
    if not compare_digest(reset.code_hash, _hash(plain(code))) or reset.user is None:
        raise WrongResetCode
    # A code sent twice at once is deleted once: the second request finds no row.
    is_first = PasswordReset.objects.filter(pk=key, code_hash=reset.code_hash).delete()[0]
    if not is_first or not _is_staff(reset.user):
        raise NoResetCode
    return reset.user


def set_password(*, user: User, password: str) -> None:
    """Give the account a password that has passed the validators; sessions of the old one end."""
    user.set_password(password)
    user.save(update_fields=["password"])
    logger.info("The forgotten password of account #%s was replaced", user.pk)


def forget_old(*, now: datetime) -> int:
    """Delete what was asked for more than two hours ago; returns how many."""
    return PasswordReset.objects.filter(asked_at__lte=now - KEPT).delete()[0]


@transaction.atomic
def _send_code(key: str, now: datetime) -> int:
    reset = PasswordReset.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=key, code_hash="").first()
    if reset is None:
        return 0
    code = random_code(_CODE_LENGTH)
    user = find_account(reset.email)
    reset.user = user if user and _is_staff(user) else None
    reset.email, reset.code_hash, reset.expires_at = "", _hash(code), now + VALID_FOR
    reset.save(update_fields=["user", "email", "code_hash", "expires_at"])
    if reset.user:
        _queue_letter(reset.user, code, reset.language)
    return 1


def _queue_letter(user: User, code: str, language: str) -> None:
    outbox.queue(
        channel=Message.Channel.EMAIL,
        recipient=user.email,
        template="accounts/password_reset",
        language=language,
        context={
            "email": user.email,
            "code": grouped(code, _CODE_LENGTH // 2),
            "address": settings.PUBLIC_URL + reverse("accounts:reset_code"),
        },
        is_secret=True,
        reference=str(user.pk),
    )


def _is_staff(user: User) -> bool:
    return bool(user.is_active and user.is_staff and user.email)


def _key(email: str) -> str:
    return keyed_hash("password-reset", canonical_name(email).casefold())


def _hash(code: str) -> str:
    return keyed_hash("password-reset-code", code)
