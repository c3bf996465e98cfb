"""The pages for employers and doctors who were given codes."""

from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from registration.codes import issuing, using, written
from registration.codes.issuing import Issued
from registration.codes.using import CodeTry
from registration.models import PriorityGroup, RegistrationCode
from tests.factories import NOW, make_account, make_registration
from tests.pages import browser, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

KEY, HELD, END = "/kody/", "/kody/davka/", "/kody/konec/"


@pytest.fixture
def issued() -> Issued:
    return issuing.issue(
        group=PriorityGroup.objects.get(pk="carers"),
        issued_to="Domov Slunce",
        codes=3,
        uses=1,
        valid_until=None,
        by=make_account("ministerstvo"),
        now=NOW,
    )


@pytest.fixture
def holder(issued: Issued) -> Client:
    client = browser()
    page = client.post(KEY, {"key": written.grouped(issuing.key_of(issued.seed))})
    assert page["Location"] == HELD
    return client


def test_the_holder_sees_how_many_were_used_when_and_which_are_left_and_never_who(
    holder: Client, issued: Issued
) -> None:
    registration = make_registration(claims={"carers": "PENDING"})
    used, *left = issuing.codes_of(issued.batch, issued.seed)
    code_try = CodeTry(using.code_hash(used))
    using.use(code_try=code_try, claim=registration.priority_claims.get(), now=NOW)
    page = text_of(holder.get(HELD))
    assert "Used 1 Still to be used 2" in page
    assert "11. 1. 2027 1" in page
    assert all(f"…{code[-4:]}" in page for code in left)
    for secret in (f"…{used[-4:]}", *left, used, "Nováková", registration.number, issuing.key_of(issued.seed)):
        assert secret not in page


def test_the_holder_cancels_a_code_that_was_lost(holder: Client, issued: Issued) -> None:
    code = RegistrationCode.objects.all()[0]
    page = f"{HELD}{code.pk}/zruseni/"
    assert "Write why" in text_of(holder.post(page, {"reason": ""}))
    assert holder.post(page, {"reason": "papír se ztratil"})["Location"] == HELD
    assert f"…{code.ending}" not in text_of(holder.get(HELD))
    assert holder.get(page)["Location"] == HELD


def test_codes_of_another_batch_are_out_of_reach(holder: Client) -> None:
    other = issuing.issue(
        group=PriorityGroup.objects.get(pk="carers"),
        issued_to="Jiný",
        codes=1,
        uses=1,
        valid_until=None,
        by=make_account("jiny"),
        now=NOW,
    )
    assert holder.post(f"{HELD}{other.batch.codes.get().pk}/zruseni/", {"reason": "x"}).status_code == 404
    assert not RegistrationCode.objects.exclude(revoked_at=None).exists()


def test_the_batch_is_forgotten_after_half_an_hour_and_at_the_end(holder: Client, clock: Traveller) -> None:
    clock.move_to(NOW.replace(minute=29))
    assert holder.get(HELD).status_code == 200
    clock.move_to(NOW.replace(minute=31))
    assert holder.get(HELD)["Location"] == KEY
    clock.move_to(NOW)
    holder.post(END)
    assert holder.get(HELD)["Location"] == KEY
    assert browser().get(f"{HELD}1/zruseni/")["Location"] == KEY


def test_unknown_keys_are_counted_by_network_and_typing_mistakes_are_not(issued: Issued, settings: Any) -> None:
    settings.CODE_KEY_TRIES_PER_ADDRESS = "2/h"
    client, right = browser(), issuing.key_of(issued.seed)
    for mistyped in ("", "123", right[:-1], right[:-1] + ("1" if right[-1] == "0" else "0")):
        page = client.post(KEY, {"key": mistyped})
        assert page.status_code == 200
    unknown = written.checked(7, digits=written.KEY_DIGITS)
    for _ in range(2):
        assert "We do not know this key" in text_of(client.post(KEY, {"key": unknown}))
    for key in (unknown, right):
        page = client.post(KEY, {"key": key})
        assert page.status_code == 429
        assert "Please try again in an hour" in text_of(page)
