"""Issuing: one batch a form, codes that can be computed only with their seed."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from crs.sent_forms import Sending
from registration.codes import issuing, using, written
from registration.codes.errors import NoCodesForGroup
from registration.models import CodeBatch, PriorityGroup, RegistrationCode
from tests.factories import NOW, make_account, make_codes, make_rule

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_each_code_is_another_one_and_can_be_read() -> None:
    batch, codes = make_codes(50)
    assert len(set(codes)) == 50
    assert {using.code_hash(written.read_code(code)) for code in codes} == set(
        batch.codes.values_list("code_hash", flat=True)
    )


def test_a_batch_of_another_seed_shows_no_code() -> None:
    batch, _codes = make_codes(3)
    assert issuing.codes_of(batch, str(uuid4())) == []


def test_a_code_that_exists_already_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    first, codes = make_codes(2)
    drawn = iter([*codes, codes[0]])
    checked = written.checked

    def collide(number: int, *, digits: int) -> str:
        return (
            next(drawn, "") or checked(number, digits=digits)
            if digits == written.CODE_DIGITS
            else checked(number, digits=digits)
        )

    monkeypatch.setattr(written, "checked", collide)
    make_codes(2)
    assert RegistrationCode.objects.exclude(batch=first).count() == 2


def test_two_clicks_of_one_form_issue_one_batch_with_the_same_codes() -> None:
    order = partial(
        issuing.issue,
        group=PriorityGroup.objects.get(pk="carers"),
        issued_to="Domov",
        codes=3,
        uses=1,
        valid_until=None,
        by=make_account("ministerstvo"),
        now=NOW,
        form=Sending(uuid4(), "typed"),
    )
    first, second = order(), order()
    assert first == second
    assert issuing.codes_of(second.batch, second.seed) == issuing.codes_of(first.batch, first.seed)
    assert CodeBatch.objects.count() == 1


def test_codes_are_issued_for_groups_whose_rules_ask_for_one_also_ahead_of_time() -> None:
    with pytest.raises(NoCodesForGroup):
        make_codes(group="health-workers")
    make_rule("health-workers", valid_from=NOW + timedelta(days=7), proof="CODE")
    make_codes(group="health-workers")
