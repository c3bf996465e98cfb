"""The trust list as we publish it: as JSON, as PEM, and by the protocol of the EU's verifier service (DOMAIN 1.9)."""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.db.models import Max

from certificates.models import SignerCertificate
from certificates.trust import signers

# A change has its time a little before others can see it; who is told of it twice takes no harm.
_MAY_COMMIT_LATE = timedelta(minutes=10)

# The newest ones of this process, by what they are made of.
_documents: dict[str, tuple[str, bytes]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class ListedSigner:
    """A signer as the verifier's service hands it out."""

    number: int
    kid: str
    der: bytes


@dataclass(frozen=True)
class Delta:
    """The kids that came onto the list or left it since a moment."""

    updated: list[str]
    deleted: list[str]


def issued_at(now: datetime) -> datetime:
    """The date of the list: it says what holds in this hour, though nothing may have changed for months."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def version(now: datetime) -> str:
    """What changes whenever the documents do."""
    made_of = f"{signers.version_of_list(now)} {_authorities_version()} {issued_at(now)} {settings.CERTIFICATE_COUNTRY}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:32]


def changed_at() -> datetime | None:
    """When a signer last came onto the list or left it."""
    found = SignerCertificate.objects.aggregate(added=Max("added_at"), withdrawn=Max("withdrawn_at"))
    return max((moment for moment in found.values() if moment is not None), default=None)


def _authorities_version() -> str:
    return ",".join(_authorities().values_list("sha256", flat=True))


def _authorities() -> Any:
    return SignerCertificate.objects.own().filter(is_authority=True, withdrawn_at=None).order_by("id")


def as_json(current: str, now: datetime) -> bytes:
    """All signers, and our authorities (CSCA). The names are those of the EU gateway's list, where it has them.

    `current` is the `version`, asked before.
    """
    return _kept("json", current, now, _json)


def as_pem(current: str, now: datetime) -> bytes:
    """All signers as PEM, each with a line before it that says whose it is; `current` as for `as_json`."""
    return _kept("pem", current, now, _pem)


def _kept(kind: str, current: str, now: datetime, make: Any) -> bytes:
    with _lock:
        if _documents.get(kind, ("", b""))[0] != current:
            _documents[kind] = current, make(now)
        return _documents[kind][1]


def _json(now: datetime) -> bytes:
    changed = changed_at()
    document = {
        "issuer": settings.CERTIFICATE_COUNTRY,
        "issuedAt": _written(issued_at(now)),
        "changedAt": _written(changed) if changed else None,
        "authorities": [_object(row, "CSCA") for row in _authorities()],
        "signers": [_object(row, "DSC") for row, _certificate in signers.listed(now)],
    }
    return json.dumps(document, indent=1).encode()


def _object(row: SignerCertificate, kind: str) -> dict[str, Any]:
    return {
        "kid": row.kid,
        "country": row.country,
        "certificateType": kind,
        "rawData": base64.b64encode(bytes(row.der)).decode(),
        "sha256": row.sha256,
        "validFrom": _written(row.not_before),
        "validUntil": _written(row.not_after),
        "isOwn": row.origin == SignerCertificate.Origin.OWN,
    }


def _pem(now: datetime) -> bytes:
    parts = [f"# Trusted signers of EU certificates, {_written(issued_at(now))}\n".encode()]
    for row, certificate in signers.listed(now):
        parts.append(f"# {row.country} {row.kid} until {_written(row.not_after)}\n".encode())
        parts.append(certificate.public_bytes(Encoding.PEM))
    return b"".join(parts)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def after(number: int, now: datetime) -> ListedSigner | None:
    """The signer that follows the row `number` on the list; None at its end."""
    row = SignerCertificate.objects.trusted(now).filter(pk__gt=number).first()
    return None if row is None else ListedSigner(row.pk, row.kid, bytes(row.der))


def valid_kids(now: datetime) -> list[str]:
    """The kids on the list, each once; a signer whose kid is missing is valid no more."""
    return list(dict.fromkeys(SignerCertificate.objects.trusted(now).values_list("kid", flat=True)))


def delta(since: datetime | None, now: datetime) -> Delta:
    """What changed since a little before `since`; without it all there is, and all that ever left."""
    listed = SignerCertificate.objects.trusted(now)
    left = SignerCertificate.objects.filter(is_authority=False, withdrawn_at__lte=now)
    if since is not None:
        since -= _MAY_COMMIT_LATE
        listed, left = listed.filter(added_at__gte=since), left.filter(withdrawn_at__gte=since)
    valid = set(valid_kids(now))
    gone = [kid for kid in dict.fromkeys(left.values_list("kid", flat=True)) if kid not in valid]
    return Delta(list(dict.fromkeys(listed.values_list("kid", flat=True))), gone)
