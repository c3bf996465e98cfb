"""Whether a text is a genuine certificate: one pure function of text, trusted signers and a moment."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509

from certificates.hcert import cose
from certificates.hcert.cbor import decoded
from certificates.hcert.refusals import Genuine, Reason, Refusal
from certificates.hcert.text import unfolded
from certificates.hcert.trusted import TrustedSigner, TrustedSigners, state_in

ISSUER, EXPIRES_AT, ISSUED_AT, CERTIFICATES = 1, 4, 6, -260
EU_CERTIFICATE = 1
# A code scanned the moment it was signed must not fail for a clock that is slow.
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
_TEXTS = {
    "v": ("tg", "vp", "mp", "ma", "dt", "co", "is", "ci"),
    "t": ("tg", "tt", "sc", "tr", "co", "is", "ci"),
    "r": ("tg", "fr", "co", "is", "df", "du", "ci"),
}
_NUMBERS = {"v": ("dn", "sd")}
_VERSION = re.compile(r"\d+(\.\d+){1,2}", re.ASCII)
_NEVER = datetime.max.replace(tzinfo=UTC)


def verify(text: str, trusted: TrustedSigners | Iterable[x509.Certificate | bytes], at: datetime | None) -> Genuine:
    """What the text says, where one of the trusted has signed it and it is valid at the moment (None: whenever).

    The order is that of the EU's specification: limits, form, signer, signature, and only then content, dates, purpose.
    Values of unknown value sets are taken, check characters of identifiers are not looked at. Raises Refusal.
    """
    signers = trusted if isinstance(trusted, TrustedSigners) else TrustedSigners(trusted)
    message = _message(unfolded(text))
    signer = _signer(message, signers)
    genuine = _read(message, signer)
    if at is not None:
        _check_dates(genuine, at)
    if genuine.kind not in signer.purposes:
        raise Refusal(Reason.WRONG_PURPOSE, genuine)
    return genuine


def _message(content: bytes) -> cose.Message:
    try:
        message = cose.message(content)
    except ValueError as error:
        raise Refusal(Reason.NOT_CBOR) from error
    if message is None:
        raise Refusal(Reason.NOT_SIGNED)
    return message


def _signer(message: cose.Message, trusted: TrustedSigners) -> TrustedSigner:
    # By kid alone: a signature that fits another key than the code names is not what was signed.
    named = trusted.of(message.kid) if isinstance(message.kid, bytes) else ()
    if not named:
        raise Refusal(Reason.UNKNOWN_SIGNER)
    if message.algorithm not in (cose.ES256, cose.PS256):
        raise Refusal(Reason.UNKNOWN_ALGORITHM)
    for signer in named:
        if cose.is_signed_by(signer.key, message):
            return signer
    raise Refusal(Reason.WRONG_SIGNATURE)


def _read(message: cose.Message, signer: TrustedSigner) -> Genuine:
    """The content, its shape looked at as far as readers of it rely on it."""
    try:
        claims = decoded(cose.untagged(message.payload))
        payload = claims[CERTIFICATES][EU_CERTIFICATE]
        kind, entries = _entries(payload)
        issued_at, expires_at = _moment(claims.get(ISSUED_AT)), _moment(claims.get(EXPIRES_AT))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refusal(Reason.NO_CERTIFICATE) from error
    return Genuine(
        payload=payload,
        country=signer.country,
        claimed_country=state_in(claims.get(ISSUER)),
        issued_at=issued_at,
        expires_at=expires_at,
        kid=message.kid,
        signer=signer.certificate,
        algorithm=message.algorithm,
        signature=message.signature,
        kind=kind,
        entries=entries,
    )


def _entries(payload: Any) -> tuple[str, tuple[dict[str, Any], ...]]:
    """The kind and the entries of a certificate. Raises ValueError where it is none.

    As wide as the states' genuine codes: an absent group may be null or empty, a date may have a time, one group may
    have several entries.
    """
    if not (isinstance(payload, dict) and _is_plain(payload)):
        raise ValueError("This is no map of plain values.")
    names = payload.get("nam")
    if not (
        isinstance(payload.get("ver"), str)
        and _VERSION.fullmatch(payload["ver"])
        and isinstance(payload.get("dob"), str)
        and isinstance(names, dict)
        and all(name is None or isinstance(name, str) for name in names.values())
        and any(names.get(part) for part in ("fnt", "gnt", "fn", "gn"))
    ):
        raise ValueError("It is not about a person.")
    kinds = [kind for kind in _TEXTS if payload.get(kind)]
    if len(kinds) != 1 or not isinstance(payload[kinds[0]], list):
        raise ValueError("It has not one group of entries.")
    kind = kinds[0]
    entries = tuple(payload[kind])
    if not all(isinstance(entry, dict) and _is_entry(entry, kind) for entry in entries):
        raise ValueError("An entry is not complete.")
    return kind, entries


def _is_entry(entry: Mapping[str, Any], kind: str) -> bool:
    return all(isinstance(entry.get(name), str) for name in _TEXTS[kind]) and all(
        type(entry.get(name)) is int and entry[name] > 0 for name in _NUMBERS.get(kind, ())
    )


def _is_plain(value: object) -> bool:
    """Whether JSON can hold it: whoever shows or stores a payload relies on that."""
    match value:
        case dict():
            return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
        case list():
            return all(map(_is_plain, value))
        case float():
            return math.isfinite(value)
        case _:
            return value is None or isinstance(value, str | int)


def _moment(seconds: object) -> datetime | None:
    """A claim's moment, given in whole seconds or parts of them; beyond the year 9999 is never. Raises ValueError."""
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not math.isfinite(seconds) or seconds < 0:
        raise ValueError("This is no moment.")
    return datetime.fromtimestamp(seconds, UTC) if seconds < _NEVER.timestamp() else _NEVER


def _check_dates(genuine: Genuine, at: datetime) -> None:
    """Raise Refusal where the certificate or its signer is not valid at the moment."""
    signer = genuine.signer
    if (genuine.issued_at and at < genuine.issued_at - CLOCKS_MAY_DIFFER) or at < signer.not_valid_before_utc:
        raise Refusal(Reason.NOT_YET_VALID, genuine)
    # The very second still counts: published codes are judged so.
    if genuine.expires_at and at > genuine.expires_at:
        raise Refusal(Reason.EXPIRED, genuine)
    if at > signer.not_valid_after_utc:
        raise Refusal(Reason.SIGNER_EXPIRED, genuine)
