"""The second factor of staff: an authenticator app (TOTP), and recovery codes on paper for when it is lost.

Recovery codes are kept as keyed hashes only. The app's key must be readable for the server to compare.
"""

import logging
import time
from base64 import b32encode
from binascii import unhexlify
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from crs.accounts.codes import grouped, plain, random_code
from crs.accounts.errors import AlreadySetUp, CodesLocked, CodeUsed, WrongCode
from crs.keyed_hash import keyed_hash

logger = logging.getLogger(__name__)

RECOVERY_CODES = 8
RECOVERY_LENGTH = 10
_DIGITS = 6


def new_key() -> str:
    """A key for an authenticator app: 160 random bits in hex."""
    return random_hex(20)


def unsaved_device(*, user: User, key: str) -> TOTPDevice:
    """The app with `key` before the account has it, for the QR code."""
    return TOTPDevice(user=user, key=key, name="app", confirmed=True)


def is_set_up(user: User) -> bool:
    """Whether the account has an authenticator app."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def set_up(*, user: User, key: str, code: str, replace: bool = False) -> tuple[TOTPDevice, list[str]]:
    """Give the account the app with `key` (hex), proved by its `code`; returns it and new recovery codes.

    An existing app is replaced only with `replace`, after the caller has checked a code of the old app: the password
    alone must not get past the second factor. Raises WrongCode, AlreadySetUp.
    """
    device = unsaved_device(user=user, key=key)
    device.last_t = _step_of(device, code)
    with transaction.atomic():
        # The account's row is the lock: of two set-ups at once the second finds the first one's app.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        old = TOTPDevice.objects.filter(user=user)
        if not replace and old.filter(confirmed=True).exists():
            raise AlreadySetUp
        old.delete()
        device.save(force_insert=True)
        codes = _write_recovery_codes(user)
    logger.info("Second factor of account #%s set up", user.pk)
    return device, codes


def check_new(*, user: User, key: str, code: str) -> None:
    """Refuse a `code` that an app with `key` does not show now. Raises WrongCode."""
    _step_of(unsaved_device(user=user, key=key), code)


def check(*, user: User, code: str) -> Device:
    """The device of the account that `code` (six digits, or a recovery code) belongs to; it works once.

    Raises WrongCode, CodeUsed, CodesLocked.
    """
    typed = plain(code)
    is_recovery = len(typed) == RECOVERY_LENGTH
    with transaction.atomic():
        # Locked, so that one code sent twice at once opens one session.
        devices = StaticDevice.objects if is_recovery else TOTPDevice.objects
        device = devices.select_for_update(no_key=True).filter(user=user, confirmed=True).order_by("pk").first()
        if device is None:
            raise WrongCode
        allowed, why = device.verify_is_allowed()
        # A wrong code is counted by verify_token, so nothing is raised before the commit.
        is_right = allowed and device.verify_token(_recovery_hash(user, typed) if is_recovery else typed)
    if not allowed:
        raise CodesLocked(until=why["locked_until"])
    if not is_right:
        raise CodeUsed if not is_recovery and _was_used(device, typed) else WrongCode
    return device


def renew_recovery_codes(*, user: User) -> list[str]:
    """New recovery codes; the old ones are void."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        return _write_recovery_codes(user)


def recovery_codes_left(user: User) -> int:
    """How many recovery codes of the account were not used yet."""
    return StaticToken.objects.filter(device__user=user).count()


def remove(*, user: User) -> None:
    """Take the app and the recovery codes away. Open sessions end, and the next log-in sets up a new app."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def current_code(device: TOTPDevice, *, at: datetime) -> str:
    """The code that the app with the device's key shows at that moment."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits)
    totp.time = at.timestamp()
    return f"{totp.token():0{_DIGITS}d}"


def readable_key(key: str) -> str:
    """The key (hex) as apps want it typed: base 32 in groups of four."""
    return grouped(b32encode(unhexlify(key)).decode(), 4)


def _write_recovery_codes(user: User) -> list[str]:
    # The device stays: somebody may be logged in with it.
    device = StaticDevice.objects.get_or_create(user=user, defaults={"name": "paper"})[0]
    device.token_set.all().delete()
    codes = [random_code(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_recovery_hash(user, code)) for code in codes)
    return codes


def _recovery_hash(user: User, code: str) -> str:
    return keyed_hash("recovery-code", str(user.pk), code)[:16]  # as much as a token of django-otp holds


def _step_of(device: TOTPDevice, code: str) -> int:
    """The half minute to which `code` belongs. Raises WrongCode."""
    totp = _totp(device)
    typed = plain(code)
    if len(typed) != _DIGITS or not (typed.isascii() and typed.isdigit()):
        raise WrongCode
    if not totp.verify(int(typed), device.tolerance):
        raise WrongCode
    device.drift = totp.drift
    return int(totp.t())


def _was_used(device: Device, code: str) -> bool:
    """Whether the code belongs to this time, and was refused because it or a later one was used."""
    try:
        return isinstance(device, TOTPDevice) and _step_of(device, code) <= device.last_t
    except WrongCode:
        return False


def _totp(device: TOTPDevice) -> TOTP:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = time.time()
    return totp
