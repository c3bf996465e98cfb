"""Codes, one or a whole batch, are taken out of use; where the ministry says so, what they proved counts no more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs import history, sent_forms
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.codes.errors import AlreadyRevoked, UsedMeanwhile
from registration.models import CodeBatch, CodeUse, PriorityClaim, Registration, RegistrationClaim, RegistrationCode
from registration.operations import Operation
from registration.people import statements, telling


def revoke_batch(
    *,
    batch: CodeBatch,
    reason: str,
    takes_proofs_back: bool,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> None:
    """Take all codes of the batch out of use. Raises AlreadyRevoked, UsedMeanwhile, FormChanged."""

    def write() -> Outcome:
        marks = {"revoked_at": now, "revoked_by": by, "revocation_reason": reason}
        if not CodeBatch.objects.filter(pk=batch.pk, revoked_at=None).update(**marks):
            raise AlreadyRevoked
        _revoke(RegistrationCode.objects.filter(batch=batch), marks, takes_proofs_back=takes_proofs_back)
        return {}

    with history.recording(Operation.REVOKE_CODE, by=by):
        sent_forms.once(form, write)


def revoke_code(
    *,
    code: RegistrationCode,
    reason: str,
    now: datetime,
    by: User | None = None,
    takes_proofs_back: bool = False,
    form: Sending = NO_FORM,
) -> None:
    """Take a code out of use; without `by` it is whoever has the batch's key.

    Raises AlreadyRevoked, UsedMeanwhile, FormChanged.
    """

    def write() -> Outcome:
        marks = {"revoked_at": now, "revoked_by": by, "revocation_reason": reason}
        codes = RegistrationCode.objects.filter(pk=code.pk)
        if not _revoke(codes, marks, takes_proofs_back=takes_proofs_back):
            raise AlreadyRevoked
        return {}

    with history.recording(Operation.REVOKE_CODE, by=by):
        sent_forms.once(form, write)


def _revoke(codes: QuerySet[RegistrationCode], marks: Mapping[str, object], *, takes_proofs_back: bool) -> int:
    """Mark those of `codes` that are not revoked yet; how many. Who used a code is locked before it."""
    uses = CodeUse.objects.filter(code__in=codes)
    locked: set[tuple[int | None, int | None]] = set()
    if takes_proofs_back:
        locked = _lock_users(uses)
    list(codes.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    revoked = codes.filter(revoked_at=None).update(**marks)
    if takes_proofs_back:
        found = list(uses.select_related("code__batch__group", "claim__registration__person", "spent_for"))
        if any(_user(use) not in locked for use in found):
            raise UsedMeanwhile  # whoever waits for us at a code would be waited for
        _take_proofs_back(found)
    return revoked


def _lock_users(uses: QuerySet[CodeUse]) -> set[tuple[int | None, int | None]]:
    whose = Registration.objects.filter(pk__in=uses.values("claim__registration")).order_by("pk")
    claims = RegistrationClaim.objects.filter(pk__in=uses.values("spent_for")).order_by("pk")
    registered = list(whose.select_for_update(no_key=True).values_list("pk", flat=True))
    claimed = list(claims.select_for_update(no_key=True).values_list("pk", flat=True))
    return {(pk, None) for pk in registered} | {(None, pk) for pk in claimed}


def _user(use: CodeUse) -> tuple[int | None, int | None]:
    """The registration, or the claim to one, for which the code was used."""
    return (use.claim.registration_id if use.claim else None, use.spent_for_id)


def _take_proofs_back(uses: list[CodeUse]) -> None:
    """The claims wait for another proof, and their people are told. What was counted as used stays counted."""
    # Told before it is written: what a claim to a registration says is proven only by the use of its code.
    told = [message for use in uses for message in _messages(use)]
    proven = PriorityClaim.objects.filter(code_use__in=uses, state=PriorityClaim.State.PROVEN)
    proven.update(state=PriorityClaim.State.PENDING)
    CodeUse.objects.filter(pk__in=[use.pk for use in uses]).delete()
    outbox.queue_all(told)


def _messages(use: CodeUse) -> Iterable[Message]:
    template, group = "registration/proof_taken_back", use.code.batch.group
    if use.spent_for and use.spent_for.resolved_at is None:
        context = {"number": use.spent_for.number, "group": group}
        yield from telling.messages(statements.reach_of(use.spent_for), template, context)
    elif use.claim and use.claim.state == PriorityClaim.State.PROVEN:
        registration = use.claim.registration
        if registration.state == Registration.State.ACTIVE:
            yield from telling.messages(registration, template, {"number": registration.number, "group": group})
