"""Revoking a code or a batch, and what becomes of those who have used one."""

import json
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from crs.messaging.models import Message
from crs.sent_forms import Sending
from registration.codes import revoking, using
from registration.codes.errors import AlreadyRevoked
from registration.codes.using import CodeTry
from registration.models import CodeUse, PriorityClaim, RegistrationCode
from tests.factories import NOW, make_codes, make_registration
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

REASON = "ztratily se na poště"


def proven_by(code: str) -> PriorityClaim:
    claim = make_registration(claims={"carers": "PENDING"}, email="jana@example.cz").priority_claims.get()
    code_try = CodeTry(using.code_hash(code))
    using.use(code_try=code_try, claim=claim, now=NOW)
    return claim


def test_people_who_have_used_a_code_keep_what_it_proved() -> None:
    batch, codes = make_codes(2)
    claim = proven_by(codes[0])
    revoking.revoke_batch(batch=batch, reason=REASON, takes_proofs_back=False, by=batch.issued_by, now=NOW)
    claim.refresh_from_db()
    assert claim.state == PriorityClaim.State.PROVEN
    assert not Message.objects.exists()
    assert set(RegistrationCode.objects.values_list("revoked_at", "revocation_reason")) == {(NOW, REASON)}


def test_where_the_ministry_says_so_they_need_another_proof_and_are_told() -> None:
    batch, codes = make_codes(2)
    claim, other = proven_by(codes[0]), proven_by(make_codes()[1][0])
    revoking.revoke_batch(batch=batch, reason=REASON, takes_proofs_back=True, by=batch.issued_by, now=NOW)
    claim.refresh_from_db()
    other.refresh_from_db()
    assert (claim.state, other.state) == ("PENDING", "PROVEN")
    assert CodeUse.objects.count() == 1
    assert sorted(Message.objects.values_list("channel", "recipient")) == [
        ("EMAIL", "jana@example.cz"),
        ("SMS", str(claim.registration.phone)),
    ]
    assert REASON not in json.dumps(list(Message.objects.values_list("text", "subject")))
    recorded = claim.events.latest("pgh_id")  # type: ignore[attr-defined]
    assert recorded.pgh_context.metadata["operation"] == "registration.revoke_code"
    assert sum(RegistrationCode.objects.filter(batch=batch).values_list("used", flat=True)) == 1


def test_a_person_whose_proof_was_taken_back_proves_it_anew_with_another_code() -> None:
    batch, (code,) = make_codes()
    claim = proven_by(code)
    revoking.revoke_batch(batch=batch, reason=REASON, takes_proofs_back=True, by=batch.issued_by, now=NOW)
    claim.refresh_from_db()
    code_try = CodeTry(using.code_hash(make_codes()[1][0]))
    using.use(code_try=code_try, claim=claim, now=NOW)
    assert claim.state == PriorityClaim.State.PROVEN


def test_a_holder_revokes_a_code_without_a_name() -> None:
    _batch, _codes = make_codes(2)
    code = RegistrationCode.objects.all()[0]
    form = Sending(uuid4(), "typed")
    for _click in range(2):
        revoking.revoke_code(code=code, reason=REASON, now=NOW, form=form)
    code.refresh_from_db()
    assert (code.revoked_at, code.revoked_by) == (NOW, None)
    assert RegistrationCode.objects.filter(revoked_at=None).count() == 1
    with pytest.raises(AlreadyRevoked):
        revoking.revoke_code(code=code, reason="znovu", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_a_use_and_a_revocation_at_once_no_proof_outlives_a_revoked_code() -> None:
    for _round in range(5):
        batch, (code,) = make_codes()
        claim = make_registration(claims={"carers": "PENDING"}).priority_claims.get()
        code_try = CodeTry(using.code_hash(code))
        marks: dict[str, Any] = {"reason": REASON, "takes_proofs_back": True, "by": batch.issued_by, "now": NOW}
        race(
            partial(using.use, code_try=code_try, claim=claim, now=NOW),
            partial(revoking.revoke_batch, batch=batch, **marks),
        )
        claim.refresh_from_db()
        batch.refresh_from_db()
        assert (claim.state == PriorityClaim.State.PROVEN) == (batch.revoked_at is None)
