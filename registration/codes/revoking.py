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
from registration.models import CodeBatch, CodeUse, PriorityClaim, Registration, RegistrationCode
from registration.operations import Operation
from registration.people import telling


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
    """Mark those of `codes` that are not revoked yet; how many. A registration is locked before its code."""
    uses = CodeUse.objects.filter(code__in=codes)
    locked: set[int] = set()
    if takes_proofs_back:
        whose = Registration.objects.filter(pk__in=uses.values("claim__registration"))
        locked = set(whose.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    list(codes.order_by("pk").select_for_update().values_list("pk", flat=True))
    revoked = codes.filter(revoked_at=None).update(**marks)
    if takes_proofs_back:
        found = list(uses.select_related("claim__group", "claim__registration__person"))
        if any(use.claim.registration_id not in locked for use in found):
            raise UsedMeanwhile  # whoever waits for us at a code would be waited for
        _take_proofs_back(found)
    return revoked


def _take_proofs_back(uses: list[CodeUse]) -> None:
    """The claims wait for another proof, and their people are told. What was counted as used stays counted."""
    proven = [use.claim for use in uses if use.claim.state == PriorityClaim.State.PROVEN]
    PriorityClaim.objects.filter(pk__in=[claim.pk for claim in proven]).update(state=PriorityClaim.State.PENDING)
    CodeUse.objects.filter(pk__in=[use.pk for use in uses]).delete()
    outbox.queue_all(_messages(proven))


def _messages(claims: list[PriorityClaim]) -> Iterable[Message]:
    for claim in claims:
        registration = claim.registration
        if registration.state == Registration.State.ACTIVE:
            context = {"number": registration.number, "group": claim.group}
            yield from telling.messages(registration, "registration/proof_taken_back", context)
