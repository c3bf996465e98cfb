"""Issues certificates: claim requests and commit, sign outside any transaction, store what is still true.

A request that waits belongs to the worker that claimed it until CLAIM_VALIDITY is over, only so that two do not sign
one certificate. What is stored does not rest on the claim: it is written with the persons locked, from facts that are
read again under that lock, and only where the request still waits (docs/adr/0026-issuing.md).
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from certificates.hcert.signing import Signer
from certificates.issuing import bursts, errors
from certificates.issuing.facts import Told, facts_of_doses
from certificates.issuing.signals import certificates_issued
from certificates.issuing.taken_away import newest_certificates
from certificates.issuing.writing import Written, new_eans, write
from certificates.keys import signers
from certificates.models import Certificate, IssueRequest, SignerCertificate
from certificates.models.certificates import Cause
from certificates.operations import Operation
from certificates.revocation import revoking
from crs import history

logger = logging.getLogger(__name__)

State = IssueRequest.State
# Their persons are locked together while the batch is stored with its deliveries, some tenths of a second.
BATCH = 50
# What whoever is told of a certificate reads of it, one query each for the batch.
TOLD_WITH = ("person__merged_into", "dose__registration__person", "dose__site")
# A claim older than this is a dead worker's.
CLAIM_VALIDITY = timedelta(minutes=2)
# A batch whose signer gets slow gives the rest back long before anybody may take it up.
SIGNING_SECONDS = 45.0
# A signer that fails so often in a row is away: the rest waits for the next run.
FAILURES_IN_A_ROW = 5
# How often what changed during the signing is signed anew at once.
TRIES = 3
# The requests' end in one statement, with the certificate of each.
_END = """
UPDATE certificates_issuerequest r SET state = 'ISSUED', certificate_id = made.certificate
FROM unnest(%(requests)s::bigint[], %(certificates)s::uuid[]) AS made (request, certificate)
WHERE r.id = made.request AND r.state = 'WAITING'
"""


@dataclass
class Counts:
    """What a run did."""

    issued: int = 0
    held: int = 0
    blocked: int = 0
    dropped: int = 0
    failed: int = 0
    is_out_of_time: bool = False

    @property
    def looked_at(self) -> int:
        """How many requests were taken up."""
        return self.issued + self.held + self.blocked + self.dropped + self.failed


@dataclass
class _Stored:
    """The outcome of a batch; `left` is to be signed anew, for its facts changed meanwhile."""

    certificates: list[Certificate] = field(default_factory=list)
    blocked: int = 0
    dropped: int = 0
    left: list[IssueRequest] = field(default_factory=list)


def issue_pending(
    *,
    now: datetime,
    limit: int | None = None,
    seconds: float | None = None,
    on_progress: Callable[[Counts], None] = lambda _counts: None,
) -> Counts:
    """Issue what waits, the oldest first, for about `seconds`, `limit` requests at most; any number of times at once.

    Raises NoSigner, and everything waits.
    """
    began, counts = time.monotonic(), Counts()
    signers.current(now)
    while limit is None or counts.looked_at < limit:
        passed = time.monotonic() - began
        if seconds is not None and passed > seconds:
            counts.is_out_of_time = True
            break
        moment = now + timedelta(seconds=passed)
        batch, held = claim(limit=min(BATCH, BATCH if limit is None else limit - counts.looked_at), now=moment)
        counts.held += held
        if not batch and not held:
            break
        if not _issue_batch(batch, moment, counts):
            break
        on_progress(counts)
    return counts


def issue(*, request: IssueRequest, now: datetime, by: User | None = None) -> Certificate | None:
    """Issue the certificate of one request for `by`, who waits for it; None where its dose is not valid any more.

    A worker that is just at it is overtaken: whoever stores first wins, and the other finds it stored. Call it outside
    any transaction, for it signs. Raises NoSigner, RequestHeld, RequestRejected, LatinNameMissing, CodesMissing,
    NotIssuedNow.
    """
    row = _claim_one(request, now)
    try:
        for _try in range(TRIES):
            if row.state == State.WAITING:
                _issue_one(row, now, by or row.asked_by)
                row.refresh_from_db()
    finally:
        give_back([row])
    return _outcome(row)


def _issue_one(row: IssueRequest, now: datetime, by: User | None) -> None:
    signer = signers.current(now)
    told = facts_of_doses([row.dose_id], on=timezone.localdate(now)).get(row.dose_id)
    written = {}
    if told is not None and told.facts is not None:
        written[row.pk] = write(told.facts, ean=new_eans(1)[0], signer=signer, now=now)
    try:
        with history.recording(Operation.ISSUE, by=by):
            store([row], written, signer=signers.row_of(signer), now=now, by=by)
    except IntegrityError:
        logger.warning("Identifiers of a certificate met others; request %s is signed anew", row.pk)


def claim(*, limit: int, now: datetime) -> tuple[list[IssueRequest], int]:
    """Make up to `limit` waiting requests this worker's and commit; returns them, and how many others were held.

    SKIP LOCKED passes over rows that another worker is claiming at this moment.
    """
    with transaction.atomic(durable=True):
        free = IssueRequest.objects.waiting().filter(_is_free(now))
        rows = list(free.select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit])
        held = {row.pk for row in bursts.held_among(rows, now=now)}
        claimed = [row for row in rows if row.pk not in held]
        IssueRequest.objects.filter(pk__in=[row.pk for row in claimed]).update(claimed_at=now)
    return claimed, len(held)


def is_any_due(now: datetime) -> bool:
    """Whether a request waits that no worker has claimed."""
    return IssueRequest.objects.waiting().filter(_is_free(now)).exists()


def give_back(rows: Iterable[IssueRequest]) -> None:
    """Let others take up at once those of the requests that still wait."""
    with transaction.atomic():
        mine = IssueRequest.objects.filter(pk__in=[row.pk for row in rows], state=State.WAITING)
        mine.locked().update(claimed_at=None)


def _is_free(now: datetime) -> Q:
    return Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM_VALIDITY)


def _claim_one(request: IssueRequest, now: datetime) -> IssueRequest:
    """The request as it is, taken up where it waits or was blocked, held where it is over the limit."""
    with transaction.atomic(durable=True):
        rows = IssueRequest.objects.select_related("asked_by").select_for_update(no_key=True, of=("self",))
        row = rows.get(pk=request.pk)
        if row.state == State.WAITING and bursts.held_among([row], now=now):
            row.state = State.HELD
        if row.state == State.BLOCKED:
            told = facts_of_doses([row.dose_id], on=timezone.localdate(now)).get(row.dose_id)
            if told is None or told.facts is not None:
                row.state = State.WAITING
                IssueRequest.objects.filter(pk=row.pk).update(state=State.WAITING, obstacle="")
        if row.state == State.WAITING:
            IssueRequest.objects.filter(pk=row.pk).update(claimed_at=now)
    return row


def _outcome(row: IssueRequest) -> Certificate | None:
    """What the request has come to. Raises what `issue` raises."""
    if row.state == State.ISSUED:
        return row.certificate
    if row.state == State.DROPPED:
        # Of a valid dose it was dropped because there is one already.
        return Certificate.objects.living().filter(dose=row.dose_id).first()
    if row.state == State.BLOCKED:
        is_name = row.obstacle == IssueRequest.Obstacle.LATIN_NAME
        raise errors.LatinNameMissing if is_name else errors.CodesMissing
    if row.state == State.HELD:
        raise errors.RequestHeld
    raise errors.RequestRejected if row.state == State.REJECTED else errors.NotIssuedNow


# --- a batch ------------------------------------------------------------------------------------


def _issue_batch(batch: list[IssueRequest], now: datetime, counts: Counts) -> bool:
    """Sign and store the batch; returns whether to go on. What fails keeps its claim, so it is tried again later."""
    rows = batch
    for _try in range(TRIES):
        if not rows:
            return True
        try:
            signer = signers.current(now)
            told = facts_of_doses([row.dose_id for row in rows], on=timezone.localdate(now))
            written, failed, put_off = _signed(rows, told, signer, now)
        except Exception:
            give_back(rows)
            raise
        counts.failed += len(failed)
        give_back(put_off)
        out = {row.pk for row in (*failed, *put_off)}
        rows = _store_all([row for row in rows if row.pk not in out], written, signers.row_of(signer), now, counts)
        if len(failed) >= FAILURES_IN_A_ROW and put_off:
            return False
    counts.failed += len(rows)
    return True


def _signed(
    rows: Sequence[IssueRequest], told: Mapping[UUID, Told], signer: Signer, now: datetime
) -> tuple[dict[int, Written], list[IssueRequest], list[IssueRequest]]:
    """What was signed by request, those that failed, and those that were not begun with."""
    facts = {row.pk: known.facts for row in rows if (known := told.get(row.dose_id)) and known.facts}
    written: dict[int, Written] = {}
    failed: list[IssueRequest] = []
    stop, in_a_row = time.monotonic() + SIGNING_SECONDS, 0
    eans = new_eans(len(facts))
    for place, row in enumerate(rows):
        if row.pk not in facts:
            continue
        if time.monotonic() > stop or in_a_row == FAILURES_IN_A_ROW:
            return written, failed, list(rows[place:])
        try:
            written[row.pk] = write(facts[row.pk], ean=eans.pop(), signer=signer, now=now)
            in_a_row = 0
        except Exception:  # whatever a signer raises: one certificate must not hold up the others
            logger.exception("The certificate of request %s could not be signed", row.pk)
            failed.append(row)
            in_a_row += 1
    return written, failed, []


def _store_all(
    rows: list[IssueRequest],
    written: Mapping[int, Written],
    signer: SignerCertificate,
    now: datetime,
    counts: Counts,
) -> list[IssueRequest]:
    """Store the batch, or one by one where something of it cannot be stored; returns what is to be signed anew."""
    left: list[IssueRequest] = []
    parts = [rows]
    while parts:
        part = parts.pop()
        if not part:
            continue
        try:
            with history.recording(Operation.ISSUE):
                stored = store(part, written, signer=signer, now=now)
        except IntegrityError:
            if len(part) > 1:
                parts += [[row] for row in part]
                continue
            logger.exception("The certificate of request %s could not be stored", part[0].pk)
            left += part
            continue
        counts.issued += len(stored.certificates)
        counts.blocked += stored.blocked
        counts.dropped += stored.dropped
        left += stored.left
    return left


def store(
    rows: Sequence[IssueRequest],
    written: Mapping[int, Written],
    *,
    signer: SignerCertificate,
    now: datetime,
    by: User | None = None,
) -> _Stored:
    """Store what was signed and is still true, in one transaction; the rest is blocked, dropped, or left.

    Without `by`, who stands at a desk, the certificates are issued by those who asked.

    Locks, in order: the persons by rising key, as whoever records or corrects a dose; the signer (shared), for whose
    withdrawal waits for us or is seen; the requests by rising key; the certificates that are replaced.
    """
    with transaction.atomic():
        told = facts_of_doses([row.dose_id for row in rows], on=timezone.localdate(now), is_locking=True)
        if _is_withdrawn(signer):
            return _Stored(left=list(rows))
        waiting = IssueRequest.objects.filter(pk__in=[row.pk for row in rows], state=State.WAITING)
        mine = list(waiting.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        newest = newest_certificates(row.dose_id for row in mine)
        outcome, made, ended = _Stored(), [], []
        dropped, blocked = [], dict[str, list[int]]()
        for row in mine:
            known, before = told.get(row.dose_id), newest.get(row.dose_id)
            signed = written.get(row.pk)
            if known is None or (known.facts and before and not _replaces(row, before, known.facts.hash)):
                dropped.append(row.pk)
            elif known.obstacle is not None:
                blocked.setdefault(known.obstacle, []).append(row.pk)
            elif signed is None or known.facts is None or signed.facts_hash != known.facts.hash:
                outcome.left.append(row)
            else:
                made.append(_certificate(row, signed, known, before, signer, by))
                ended.append(row)
        for obstacle, keys in blocked.items():
            waiting.filter(pk__in=keys).update(state=State.BLOCKED, obstacle=obstacle)
        waiting.filter(pk__in=dropped).update(state=State.DROPPED)
        _write(made, ended, newest, now)
        outcome.certificates = made
        outcome.dropped, outcome.blocked = len(dropped), sum(map(len, blocked.values()))
    return outcome


def _is_withdrawn(signer: SignerCertificate) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT withdrawn_at FROM certificates_signercertificate WHERE id = %s FOR SHARE", [signer.pk])
        (withdrawn_at,) = cursor.fetchone()
    return withdrawn_at is not None


def _replaces(request: IssueRequest, before: Certificate, facts_hash: str) -> bool:
    """Whether another one may be issued beside `before`: it is not living, not true, or to be renewed.

    One that was revoked by hand after it was asked for another one stays without one.
    """
    if before.state == Certificate.State.VALID:
        return request.cause == Cause.RENEWED or before.facts_hash != facts_hash
    assert before.revoked_at is not None, "revoked_certificate_says_why"  # noqa: S101
    return before.revocation not in Certificate.BY_HAND or before.revoked_at <= request.asked_at


def _certificate(
    request: IssueRequest,
    signed: Written,
    known: Told,
    before: Certificate | None,
    signer: SignerCertificate,
    by: User | None,
) -> Certificate:
    return Certificate(
        **vars(signed),
        dose_id=request.dose_id,
        person_id=known.person_id,
        signer=signer,
        cause=request.cause,
        issued_by_id=by.pk if by else request.asked_by_id,
        replaces=before,
    )


def _write(
    made: list[Certificate], ended: list[IssueRequest], newest: Mapping[UUID, Certificate], now: datetime
) -> None:
    """Revoke what is replaced, write the certificates, end their requests, and tell the subjects above."""
    if not made:
        return
    replaced: dict[int | None, list[UUID]] = defaultdict(list)
    for one in made:
        before = newest.get(one.dose_id)
        if before is not None and before.state == Certificate.State.VALID:
            replaced[one.issued_by_id].append(before.pk)
    users = User.objects.in_bulk([pk for pk in replaced if pk is not None])
    for pk, keys in replaced.items():
        revoking.revoke(
            certificates=Certificate.objects.filter(pk__in=keys),
            why=Certificate.Revocation.REPLACED,
            by=users[pk] if pk else None,
            now=now,
        )
    # The partial unique constraint is the last guard: never two living ones of a dose.
    Certificate.objects.bulk_create(made)
    with connection.cursor() as cursor:
        cursor.execute(_END, {"requests": [row.pk for row in ended], "certificates": [row.pk for row in made]})
        if cursor.rowcount != len(made):
            raise IntegrityError("A request does not wait any more, though it is locked.")
    models.prefetch_related_objects(made, *TOLD_WITH)
    for row, certificate in zip(ended, made, strict=True):
        row.state, row.certificate = State.ISSUED, certificate
    certificates_issued.send(Certificate, issued=list(zip(made, ended, strict=True)), now=now)
