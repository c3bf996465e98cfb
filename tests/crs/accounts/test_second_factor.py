"""The second factor: it is set up before anything opens, replaced with a code of the old one, and works once."""

import base64
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken

from crs.accounts import second_factor
from crs.accounts.codes import grouped
from crs.accounts.errors import WrongCode
from tests.crs.accounts.conftest import NOW
from tests.factories import make_account, totp
from tests.pages import (
    CODE,
    CODES,
    DEVICE,
    HOME,
    SET_UP,
    browser,
    code_now,
    code_of_key,
    key_on,
    log_in,
    text_of,
    type_code,
    type_password,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_who_has_no_app_sets_one_up_before_anything_else_opens(client: Client, keeper: User) -> None:
    assert type_password(client).headers["Location"] == SET_UP
    assert client.get(CODE).headers["Location"] == SET_UP
    for address in (HOME, "/admin/", CODES, DEVICE):
        assert client.get(address).status_code == 302
    page = client.get(SET_UP)
    key = key_on(page)
    assert key_on(client.get(SET_UP)) == key  # a reload does not spoil what the app has scanned
    assert 'src="data:image/png;base64,' in page.content.decode()
    secret = base64.b32encode(bytes.fromhex(key)).decode()
    # Whoever sets it up on the telephone itself cannot scan its screen: the key opens the app there.
    assert re.search(rf'<a [^>]*href="otpauth://totp/[^"]*secret={secret}', page.content.decode())
    assert key not in str(dict(client.session.items()))
    assert "This code is not right." in text_of(client.post(SET_UP, {"code": "123"}))
    answer = client.post(SET_UP, {"code": code_of_key(keeper, key)})
    assert answer.headers["Location"] == CODES
    shown = re.findall(r"<li><code>([^<]*)</code>", client.get(CODES).content.decode())
    assert len(set(shown)) == 8
    assert client.post(CODES, {"kept": "1"}).headers["Location"] == HOME
    assert shown[0] not in client.get(CODES).content.decode()
    # The code that proved the app is used up, and the password alone cannot set up another one.
    thief = browser()
    assert type_password(thief).headers["Location"] == CODE
    assert thief.get(SET_UP).headers["Location"] == CODE
    assert "used already" in text_of(type_code(thief, code_of_key(keeper, key)))


def test_a_recovery_code_works_once_however_it_is_typed(keeper: User) -> None:
    totp(keeper)
    codes = second_factor.renew_recovery_codes(user=keeper)
    typed = grouped(codes[0], 5).lower()
    first, second = browser(), browser()
    type_password(first)
    assert type_code(first, typed).headers["Location"] == HOME
    assert "You used a recovery code; 7 are left." in text_of(first.get(HOME))
    assert second_factor.recovery_codes_left(keeper) == 7
    type_password(second)
    assert "This code is not right." in text_of(type_code(second, typed))


def test_new_recovery_codes_need_a_code_and_end_the_old_ones(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    old = second_factor.renew_recovery_codes(user=keeper)
    assert "This code is not right." in text_of(client.post(CODES, {"code": "000000"}))
    with time_machine.travel(NOW + timedelta(seconds=40), tick=False):
        assert client.post(CODES, {"code": code_now(keeper)}).headers["Location"] == CODES
        with pytest.raises(WrongCode):
            second_factor.check(user=keeper, code=old[0])
    assert client.get(HOME).status_code == 200


def test_the_app_is_replaced_with_a_code_of_the_old_one(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    key = key_on(client.get(DEVICE))
    old_code, new_code = code_now(keeper), code_of_key(keeper, key)
    assert "This code is not right." in text_of(client.post(DEVICE, {"old_code": old_code, "code": "111111"}))
    answer = client.post(DEVICE, {"old_code": old_code, "code": new_code})
    assert answer.headers["Location"] == CODES
    assert totp(keeper).key == key
    assert client.get(HOME).status_code == 200


def test_the_app_is_not_replaced_without_one(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    key = key_on(client.get(DEVICE))
    answer = client.post(DEVICE, {"old_code": "000000", "code": code_of_key(keeper, key)})
    assert "This code is not right." in text_of(answer)
    assert totp(keeper).key != key


def test_codes_on_paper_are_not_readable_in_the_database_nor_anybody_elses(keeper: User) -> None:
    code = second_factor.renew_recovery_codes(user=keeper)[0]
    assert not StaticToken.objects.filter(token__iexact=code).exists()
    other = make_account("lekar")
    second_factor.renew_recovery_codes(user=other)
    with pytest.raises(WrongCode):
        second_factor.check(user=other, code=code)
