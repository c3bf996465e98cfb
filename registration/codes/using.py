"""A code proves a claim to a priority group (docs/adr/0040-registration-codes.md).

Two steps, because a try must stay counted where the caller's transaction is rolled back by the refusal:

    with using.counted_try(text=..., phone=..., now=now) as code_try, transaction.atomic():
        ...
        using.use(code_try=code_try, claim=claim, now=now)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from crs import tries
from crs.errors import DomainError
from crs.keyed_hash import keyed_hash
from crs.tries import Limit
from registration.codes import written
from registration.codes.errors import (
    ClaimIsDecided,
    CodeExpired,
    CodeOfAnotherGroup,
    CodeRefused,
    CodeRevoked,
    CodeUsed,
    CodeUsedUp,
    TooManyCodeTries,
    WrongCode,
)
from registration.models import (
    CodeUse,
    PriorityClaim,
    PriorityGroup,
    Registration,
    RegistrationClaim,
    RegistrationCode,
)

# Wrong codes of a telephone; a typing mistake that the check digit finds is none.
WRONG_CODES = Limit("registration.code", 10, timedelta(hours=24))


@dataclass(frozen=True)
class CodeTry:
    """A code as somebody typed it, counted as a try of their telephone."""

    code_hash: str


@contextmanager
def counted_try(*, text: str, phone: str, now: datetime) -> Iterator[CodeTry | None]:
    """Count a try of the telephone (E.164) around the transaction that looks at the code; None where `text` is empty.

    It stays counted where the code is refused. A right code, and one that nobody looked at (a second click, another
    refusal), was no guess. Raises MistypedCode (one subclass per mistake), which is not counted, and TooManyCodeTries.
    """
    if not text:
        yield None
        return
    digits = written.read_code(text)
    counted = tries.count(WRONG_CODES, phone, now=now)
    if counted.is_over:
        raise TooManyCodeTries(counted.until)
    try:
        yield CodeTry(code_hash(digits))
    except CodeRefused:
        raise
    except DomainError:
        tries.take_back(counted)
        raise
    tries.take_back(counted)


@transaction.atomic
def use(*, code_try: CodeTry, claim: PriorityClaim, now: datetime) -> CodeUse:
    """Prove `claim` with the code, in the caller's transaction.

    A claim that a code has proved keeps that one, and uses no other. Raises WrongCode, CodeUsed, CodeUsedUp,
    CodeRevoked, CodeExpired, CodeOfAnotherGroup, ClaimIsDecided.
    """
    known = CodeUse.objects.filter(claim=claim).first()
    if known is not None:
        return known
    if claim.state != PriorityClaim.State.PENDING:
        raise ClaimIsDecided
    code = _locked(code_try)
    _require_valid(code, claim.group_id, now=now)
    _count(code)
    used = CodeUse.objects.create(code=code, claim=claim, used_at=now)
    claim.state = PriorityClaim.State.PROVEN
    claim.save(update_fields=["state"])
    return used


@transaction.atomic
def spend(*, code_try: CodeTry, claim: RegistrationClaim, group: PriorityGroup, now: datetime) -> CodeUse:
    """Use the code up for a claim to a registration, in the caller's transaction; refused and counted as `use` does.

    Whoever claims may be somebody else, and must get the answer that everybody gets. Raises WrongCode, CodeUsed,
    CodeUsedUp, CodeRevoked, CodeExpired, CodeOfAnotherGroup.
    """
    known = spent_for(claim).filter(code__batch__group=group).first()
    if known is not None:
        return known
    code = _locked(code_try)
    _require_valid(code, group.pk, now=now)
    _count(code)
    return CodeUse.objects.create(code=code, spent_for=claim, used_at=now)


def spent_for(claim: RegistrationClaim) -> QuerySet[CodeUse]:
    """The codes that were spent for a claim to a registration, by the order in which codes are locked."""
    return CodeUse.objects.filter(spent_for=claim).select_related("code__batch").order_by("code")


@transaction.atomic
def give_back(claim: PriorityClaim) -> bool:
    """Free the code of a claim that was withdrawn, or whose registration ended, before any dose; whether there was one.

    In the caller's transaction. The claim is not proven any more: somebody else may use the code now. After a dose the
    code stays used and the claim proven: it has done what it was for.
    """
    used = CodeUse.objects.filter(claim=claim).first()
    if used is None or claim.registration.doses_received:
        return False
    if not _free(used):
        return False
    if claim.state == PriorityClaim.State.PROVEN:
        claim.state = PriorityClaim.State.PENDING
        claim.save(update_fields=["state"])
    return True


def lock_codes_of(registration: Registration) -> None:
    """Lock the codes that the claims of a registration used, by rising key, before the codes of many are given back."""
    used = RegistrationCode.objects.filter(uses__claim__registration=registration)
    list(used.select_for_update(no_key=True, of=("self",)).order_by("pk"))


@transaction.atomic
def give_back_spent(claim: RegistrationClaim, *, group: PriorityGroup | None = None) -> None:
    """Free the codes that were spent for a claim to a registration; all, or those of one `group`.

    In the caller's transaction, as `give_back` does: else whoever has a code could try it again, and learn by it.
    """
    for used in spent_for(claim):
        if group is None or used.code.batch.group_id == group.pk:
            _free(used)


def prove_with_spent(used: CodeUse, *, claim: PriorityClaim) -> None:
    """Let a code that was spent for a claim to a registration prove a claim of it, once that came true."""
    used.claim, used.spent_for = claim, None
    used.save(update_fields=["claim", "spent_for"])
    claim.state = PriorityClaim.State.PROVEN
    claim.save(update_fields=["state"])


def code_hash(digits: str) -> str:
    """What is kept of a code."""
    return keyed_hash("registration-code", digits)


def _locked(code_try: CodeTry) -> RegistrationCode:
    # The batch is not locked: whoever revokes it flips the row of each of its codes.
    code: RegistrationCode | None = (
        RegistrationCode.objects.select_for_update(no_key=True, of=("self",))
        .select_related("batch__group")
        .filter(code_hash=code_try.code_hash)
        .first()
    )
    if code is None:
        raise WrongCode
    return code


def _require_valid(code: RegistrationCode, group: str, *, now: datetime) -> None:
    batch = code.batch
    if code.revoked_at is not None:
        raise CodeRevoked
    if batch.valid_until is not None and batch.valid_until < timezone.localdate(now):
        raise CodeExpired(batch.valid_until)
    if batch.group_id != group:
        raise CodeOfAnotherGroup(batch.group)


def _free(used: CodeUse) -> bool:
    # The row of the use says who gives it back: of two at once, the second deletes nothing.
    if not CodeUse.objects.filter(pk=used.pk).delete()[0]:
        return False
    RegistrationCode.objects.filter(pk=used.code_id).update(used=F("used") - 1)
    return True


def _count(code: RegistrationCode) -> None:
    if code.used >= code.allowed:
        raise CodeUsed if code.allowed == 1 else CodeUsedUp
    RegistrationCode.objects.filter(pk=code.pk).update(used=F("used") + 1)
