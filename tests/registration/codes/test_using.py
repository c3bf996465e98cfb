"""A code proves a claim, as often as it may and never once more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from crs.models import Tries
from registration.codes import revoking, using, written
from registration.codes.errors import (
    ClaimIsDecided,
    CodeCheckFails,
    CodeExpired,
    CodeOfAnotherGroup,
    CodeRefused,
    CodeRevoked,
    CodeUsed,
    CodeUsedUp,
    TooManyCodeTries,
    WrongCode,
)
from registration.models import CodeUse, PriorityClaim, RegistrationCode
from tests.factories import NOW, make_codes, make_registration
from tests.race import race, tally

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PHONE, OTHER = "+420601111222", "+420602222333"
UNKNOWN = written.checked(0, digits=written.CODE_DIGITS)


def claim_of(group: str = "carers", state: str = "PENDING", **fields: Any) -> PriorityClaim:
    return make_registration(claims={group: state}, **fields).priority_claims.get()


def use(text: str, claim: PriorityClaim, *, phone: str = PHONE, now: datetime = NOW) -> CodeUse:
    """As a page does it: the try counted, then the transaction."""
    with using.counted_try(text=text, phone=phone, now=now) as code_try, transaction.atomic():
        assert code_try is not None
        return using.use(code_try=code_try, claim=claim, now=now)


def refused(text: str, claim: PriorityClaim, *, phone: str = PHONE, now: datetime = NOW) -> type[CodeRefused]:
    with pytest.raises(CodeRefused) as refusal:
        use(text, claim, phone=phone, now=now)
    claim.refresh_from_db()
    assert claim.state != PriorityClaim.State.PROVEN
    assert str(refusal.value)
    return refusal.type


def test_a_code_proves_a_claim_and_costs_no_try() -> None:
    batch, (code,) = make_codes()
    claim = claim_of()
    used = use(code, claim)
    claim.refresh_from_db()
    assert (claim.state, used.code.batch, used.used_at) == ("PROVEN", batch, NOW)
    assert RegistrationCode.objects.get().used == 1
    assert Tries.objects.get().count == 0


def test_a_code_in_the_database_is_a_keyed_hash_and_four_digits() -> None:
    _batch, (code,) = make_codes()
    row = RegistrationCode.objects.get()
    assert code not in row.code_hash
    assert row.ending == code[-4:]


def test_a_personal_code_serves_one_person() -> None:
    _batch, (code,) = make_codes()
    use(code, claim_of())
    assert refused(code, claim_of()) is CodeUsed


def test_a_counted_code_serves_as_many_people_as_it_says() -> None:
    _batch, (code,) = make_codes(uses=2)
    use(code, claim_of())
    use(code, claim_of())
    assert refused(code, claim_of()) is CodeUsedUp


def test_a_claim_that_a_code_proved_uses_no_other() -> None:
    _batch, codes = make_codes(2)
    claim = claim_of()
    first = use(codes[0], claim)
    claim.refresh_from_db()
    assert use(codes[1], claim) == first
    assert sum(RegistrationCode.objects.values_list("used", flat=True)) == 1


def test_a_code_is_valid_to_the_end_of_its_last_day() -> None:
    _batch, codes = make_codes(2, valid_until=NOW.date())
    late = NOW.replace(hour=23, minute=59, second=59)
    use(codes[0], claim_of(), now=late)
    assert refused(codes[1], claim_of(), now=late + timedelta(seconds=1)) is CodeExpired


@pytest.mark.parametrize("whole", [True, False])
def test_a_revoked_code_proves_nothing(whole: bool) -> None:
    batch, codes = make_codes(2)
    marks: dict[str, Any] = {"reason": "ztraceno", "takes_proofs_back": False, "by": batch.issued_by, "now": NOW}
    if whole:
        revoking.revoke_batch(batch=batch, **marks)
    else:
        revoking.revoke_code(code=RegistrationCode.objects.get(ending=codes[0][-4:]), **marks)
    assert refused(codes[0], claim_of()) is CodeRevoked
    if not whole:
        use(codes[1], claim_of())


def test_a_code_of_another_group_says_of_which_and_stays_unused() -> None:
    _batch, (code,) = make_codes(group="school-staff")
    claim = claim_of()
    assert refused(code, claim) is CodeOfAnotherGroup
    with pytest.raises(CodeOfAnotherGroup, match=r"škol|school"):
        use(code, claim)
    use(code, claim_of("school-staff"))


@pytest.mark.parametrize("state", ["DISPUTED", "REFUSED", "WITHDRAWN"])
def test_a_claim_that_waits_for_no_proof_uses_up_no_code(state: str) -> None:
    _batch, (code,) = make_codes()
    assert refused(code, claim_of(state=state)) is ClaimIsDecided
    assert RegistrationCode.objects.get().used == 0


def test_typing_mistakes_are_no_tries() -> None:
    _batch, (code,) = make_codes()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for _ in range(20):
        assert refused(wrong, claim_of()) is CodeCheckFails
    assert not Tries.objects.exists()


def test_ten_wrong_codes_lock_the_telephone_for_a_day_and_say_until_when() -> None:
    _batch, codes = make_codes(2)
    claim = claim_of()
    for _ in range(10):
        assert refused(UNKNOWN, claim) is WrongCode
    with pytest.raises(TooManyCodeTries) as refusal:
        use(codes[0], claim)
    assert refusal.value.until == NOW + timedelta(hours=24)
    assert "1221" in str(refusal.value)
    use(codes[1], claim_of(), phone=OTHER)
    use(codes[0], claim, now=NOW + timedelta(hours=24))


def test_a_try_stays_counted_where_its_transaction_is_undone() -> None:
    claim = claim_of()
    refused(UNKNOWN, claim)
    assert Tries.objects.get().count == 1


def test_a_withdrawn_claim_gives_its_code_back() -> None:
    _batch, (code,) = make_codes()
    claim = claim_of()
    use(code, claim)
    claim.refresh_from_db()
    assert using.give_back(claim)
    claim.refresh_from_db()
    assert claim.state == PriorityClaim.State.PENDING
    assert not using.give_back(claim)
    use(code, claim_of())


def test_after_a_dose_a_code_is_not_given_back() -> None:
    _batch, (code,) = make_codes()
    claim = claim_of(doses_received=1)
    use(code, claim)
    assert not using.give_back(claim)
    assert refused(code, claim_of()) is CodeUsed


def _unlocked(code: str, claim: PriorityClaim) -> CodeUse:
    """The control twin: as `use`, but the count is read before it is written, without a lock.

    `allowed` grows along, for the constraint of the database would refuse it.
    """
    row = RegistrationCode.objects.get(code_hash=using.code_hash(code))
    if row.used >= row.allowed:
        raise CodeUsed
    RegistrationCode.objects.filter(pk=row.pk).update(allowed=F("allowed") + 1, used=F("used") + 1)
    return CodeUse.objects.create(code=row, claim=claim, used_at=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_twin", [False, True], ids=["use", "without the lock"])
def test_the_last_use_goes_to_exactly_one_of_many(is_twin: bool) -> None:
    _batch, (code,) = make_codes()
    claims = [claim_of() for _ in range(6)]
    racers: list[Callable[[], CodeUse]] = (
        [partial(_unlocked, code, claim) for claim in claims]
        if is_twin
        else [partial(use, code, claim, phone=f"+42060111122{place}") for place, claim in enumerate(claims)]
    )
    outcome = tally(race(*racers))
    if is_twin:
        assert outcome["CodeUse"] > 1
    else:
        assert outcome == {"CodeUse": 1, "CodeUsed": 5}
        assert PriorityClaim.objects.filter(state="PROVEN").count() == 1
