"""Whether a text is a genuine certificate: one pure function of text, trusted signers and a moment."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import cbor2
from cryptography import x509

from certificates.hcert import cose
from certificates.hcert.cbor import decoded
from certificates.hcert.moments import moment_of
from certificates.hcert.refusals import Genuine, Reason, Refusal
from certificates.hcert.text import unfolded
from certificates.hcert.trusted import TrustedSigner, TrustedSigners, state_in

ISSUER, EXPIRES_AT, ISSUED_AT, CERTIFICATES = 1, 4, 6, -260
EU_CERTIFICATE = 1
# A code scanned the moment it was signed must not fail for a clock that is slow.
CLOCKS_MAY_DIFFER = timedelta(minutes=5)
KINDS = ("v", "t", "r")
# Beyond it a float has no whole numbers of its own.
_MOST_EXACT = 2**53


def verify(text: str, trusted: TrustedSigners | Iterable[x509.Certificate], at: datetime | None) -> Genuine:
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
        claims = decoded(cose.untagged(message.payload), are_tags_taken=True)
        payload = _plain(claims[CERTIFICATES][EU_CERTIFICATE])
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


def _entries(payload: Mapping[str, Any]) -> tuple[str, tuple[dict[str, Any], ...]]:
    """The kind and the entries of a certificate. Raises ValueError where it is none.

    As wide as can be, for its signature is right and other states write as they like: whoever reads a field copes with
    its absence, and with values of another type. An absent group may be null or empty, one group may have several
    entries.
    """
    names = payload.get("nam")
    has_name = isinstance(names, dict) and any(names.get(part) for part in ("fnt", "gnt", "fn", "gn"))
    if not has_name and not payload.get("dob"):
        raise ValueError("It is not about a person.")
    kinds = [kind for kind in KINDS if payload.get(kind)]
    if len(kinds) != 1 or not isinstance(payload[kinds[0]], list):
        raise ValueError("It has not one group of entries.")
    entries = tuple(payload[kinds[0]])
    if not all(isinstance(entry, dict) and entry for entry in entries):
        raise ValueError("An entry is no map.")
    return kinds[0], entries


def _plain(value: object) -> Any:
    """The value as JSON can hold it: whoever shows or stores a payload relies on that."""
    match value:
        case None | str() | bool() | int():
            return value
        case float() if math.isfinite(value):
            return int(value) if value.is_integer() and abs(value) < _MOST_EXACT else value
        case bytes():
            return value.hex()
        case Mapping():
            return {key if isinstance(key, str) else str(_plain(key)): _plain(one) for key, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case _:
            # CBOR's 'undefined' and its like.
            return None


def _moment(value: object) -> datetime | None:
    """A claim's moment; None for an absent one. Raises ValueError for one that cannot be read."""
    if value is None or value is cbor2.undefined:
        return None
    moment = moment_of(value)
    if moment is None:
        raise ValueError("This is no moment.")
    return moment


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
