"""Takes over a trust list: what is new is trusted, and what a full list does not name any more is not.

A list belongs to a source. What another source, a person or we ourselves put on the list is left alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings
from django.db import transaction

from certificates.hcert.certificate_files import LONGEST_DER
from certificates.hcert.extensions import UnreadableExtensions, extension
from certificates.hcert.trusted import TrustedSigner, country_of, state_in
from certificates.models import ListReading, SignerCertificate
from certificates.operations import Operation
from certificates.trust import readings
from certificates.trust.errors import TrustListRefused
from certificates.trust.formats import Entry, TrustList
from crs import history
from crs.advisory_locks import Lock, take

SHORTEST_RSA = 2048
# A date so far ahead of our clock is a wrong clock, not a list from the future.
CLOCKS_DIFFER = timedelta(minutes=10)
_USUAL_ALPHABET = str.maketrans("-_", "+/")
Progress = Callable[[str, int, int], None]


@dataclass
class Outcome:
    """What a list changed; `problems` are what it holds that cannot be trusted, `notes` what is worth a look."""

    listed: int = 0
    added: int = 0
    returned: int = 0
    withdrawn: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@transaction.atomic
def import_list(
    *,
    trust_list: TrustList,
    source: str,
    now: datetime,
    progress: Progress,
    is_partial: bool = False,
    is_forced: bool = False,
) -> Outcome:
    """Trust what `trust_list` holds, and withdraw the signers of `source` that it lacks, unless it `is_partial`.

    Raises TrustListRefused, unless `is_forced`, for a list that is older than the last one of `source`, and for a full
    list that is empty, or that lacks more than half of what is trusted of `source`. A full list's date tells from then
    on how old our knowledge is (trust/freshness.py).
    """
    take(Lock.TRUST_LIST)
    if not is_forced:
        _refuse_older(trust_list.issued_at, source)
    outcome = Outcome(problems=list(trust_list.problems))
    listed = _sound_signers(trust_list.entries, source, now, outcome, progress)
    outcome.listed = len(listed)
    trusted = SignerCertificate.objects.filter(
        origin=SignerCertificate.Origin.IMPORTED, source=source, is_authority=False, withdrawn_at=None
    )
    missing = trusted.exclude(sha256__in=listed)
    if not is_partial and not is_forced:
        _refuse_suspicious(listed=len(listed), missing=missing.count(), trusted=trusted.count())
    with history.recording(Operation.IMPORT_TRUST_LIST, reason=source):
        if not is_partial:
            outcome.withdrawn = missing.update(withdrawn_at=now, withdrawal_reason=SignerCertificate.NOT_LISTED)
        _add(listed, outcome)
    if not is_partial:
        _note_reading(trust_list, source, len(listed), now, outcome)
    return outcome


def _sound_signers(
    entries: Iterable[Entry], source: str, now: datetime, outcome: Outcome, progress: Progress
) -> dict[str, SignerCertificate]:
    """By SHA-256 the rows of those that can be trusted."""
    listed = {}
    entries = list(entries)
    for number, entry in enumerate(entries, start=1):
        progress("certificates", number, len(entries))
        certificate = _certificate(entry, outcome)
        if certificate is None:
            continue
        if reason := next(_reasons_against(certificate), None):
            outcome.problems.append(f"{entry.label}: {reason}")
            continue
        row = SignerCertificate.of(
            certificate,
            country=country_of(certificate) or state_in(entry.country),
            origin=SignerCertificate.Origin.IMPORTED,
            source=source,
            added_at=now,
        )
        outcome.notes += [f"{entry.label}: {note}" for note in _notes_on(entry, row, now)]
        listed[row.sha256] = row
    return listed


def _certificate(entry: Entry, outcome: Outcome) -> x509.Certificate | None:
    if len(entry.der) > LONGEST_DER:
        outcome.problems.append(f"{entry.label}: longer than {LONGEST_DER:,} bytes, so no certificate of a signer")
        return None
    try:
        certificate = x509.load_der_x509_certificate(entry.der)
        # These are read late, and all of them must be readable.
        _ = certificate.subject, certificate.issuer, certificate.public_key(), certificate.not_valid_after_utc
    except Exception as error:  # unknown curves and damaged fields come as many kinds
        outcome.problems.append(f"{entry.label}: the certificate cannot be read: {error}")
        return None
    return certificate


def _reasons_against(certificate: x509.Certificate) -> Iterator[str]:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < SHORTEST_RSA:
            yield f"RSA of {key.key_size} bits; it needs {SHORTEST_RSA}"
    elif not isinstance(key, ec.EllipticCurvePublicKey):
        yield f"a key of another kind than RSA and elliptic curves ({type(key).__name__})"
    elif not isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1):
        yield f"the curve {key.curve.name}; P-256 and P-384 are known"
    try:
        if _is_authority(certificate):
            yield "it is an authority's (CSCA); only signers are trusted"
    except UnreadableExtensions:
        # One of a state is like that and has signed. What it may sign is read in another way (hcert/trusted.py).
        if not TrustedSigner(certificate).purposes:
            yield "its extensions cannot be read, so nobody knows what it may sign"
    if certificate.not_valid_before_utc >= certificate.not_valid_after_utc:
        yield "it ends before it begins"


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it signs certificates; a key that also does that signs no codes."""
    constraints, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    return (constraints is not None and constraints.ca) or (usage is not None and usage.key_cert_sign)


def _notes_on(entry: Entry, row: SignerCertificate, now: datetime) -> Iterator[str]:
    if not row.country:
        yield "neither it nor the list names its state"
    elif entry.country and entry.country != row.country:
        yield f"the list says state {entry.country}, the certificate {row.country}, which counts"
    if entry.kid and entry.kid.translate(_USUAL_ALPHABET).rstrip("=") != row.kid.rstrip("="):
        yield f"the list says kid {entry.kid}, its bytes give {row.kid}, which counts"
    if row.not_after <= now:
        yield f"it ended on {row.not_after:%Y-%m-%d}"


def _refuse_older(issued_at: datetime | None, source: str) -> None:
    """An old list, sent once more, would bring back signers that have been withdrawn since."""
    last = readings.last_of(ListReading.Kind.TRUST, source)
    if last is not None and issued_at is not None and issued_at < last.issued_at:
        raise TrustListRefused(
            f"The list is dated {issued_at:%Y-%m-%d %H:%M} UTC, but one of {last.issued_at:%Y-%m-%d %H:%M} UTC was "
            "read already. If the older one is meant, add --force; if it is another list, --source NAME."
        )


def _refuse_suspicious(*, listed: int, missing: int, trusted: int) -> None:
    if listed == 0:
        raise TrustListRefused(
            "The list holds no signer that can be trusted, so it would withdraw all of its source. If that is meant, "
            "add --force; to add signers only, --partial."
        )
    if missing * 2 > trusted:
        raise TrustListRefused(
            f"The list lacks {missing:,} of {trusted:,} signers that are trusted by this source. If that is meant, add "
            "--force; if it is a part of the list, --partial; if it is another list, --source NAME."
        )


def _add(listed: dict[str, SignerCertificate], outcome: Outcome) -> None:
    known = {row.sha256: row for row in SignerCertificate.objects.filter(sha256__in=listed).defer("der")}
    new = []
    for sha256, row in listed.items():
        old = known.get(sha256)
        if old is None:
            new.append(row)
            outcome.added += 1
        elif old.withdrawn_at is None:
            outcome.known += 1
        elif old.origin == SignerCertificate.Origin.IMPORTED and old.withdrawal_reason == SignerCertificate.NOT_LISTED:
            # As a new row: verifiers ask only for those after the last row that they have.
            old.delete()
            new.append(row)
            outcome.returned += 1
        else:
            outcome.notes.append(f"{row}: withdrawn here ({old.withdrawal_reason}), and stays so")
    SignerCertificate.objects.bulk_create(new, batch_size=500)


def _note_reading(trust_list: TrustList, source: str, entries: int, now: datetime, outcome: Outcome) -> None:
    issued_at = trust_list.issued_at or now
    if issued_at > now + CLOCKS_DIFFER:
        outcome.notes.append(f"the list is dated {issued_at:%Y-%m-%d %H:%M} UTC, which is still to come; now counts")
    readings.note(
        kind=ListReading.Kind.TRUST,
        source=source,
        issued_at=min(issued_at, now),
        expires_at=trust_list.expires_at,
        read_at=now,
        entries=entries,
    )
    if now - issued_at > timedelta(hours=settings.CERTIFICATE_LISTS_HOURS):
        outcome.notes.append(f"the list is dated {issued_at:%Y-%m-%d %H:%M} UTC and is old already")


@transaction.atomic
def forget_source(*, source: str, now: datetime) -> int:
    """Withdraw all signers of a source that is read no more, and let its age count no longer; how many they were."""
    take(Lock.TRUST_LIST)
    with history.recording(Operation.IMPORT_TRUST_LIST, reason=source):
        withdrawn = SignerCertificate.objects.filter(
            origin=SignerCertificate.Origin.IMPORTED, source=source, withdrawn_at=None
        ).update(withdrawn_at=now, withdrawal_reason=SignerCertificate.NOT_LISTED)
    ListReading.objects.filter(kind=ListReading.Kind.TRUST, source=source).delete()
    return withdrawn
