"""`manage.py fetch_mail`."""

import io
import re

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.support.dovecot import Dovecot
from tests.support.mail_in.receiver import came, letter

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_fetches_every_mailbox_and_fails_for_one_that_is_away(dovecot: Dovecot, settings: Settings) -> None:
    settings.SUPPORT_MAILBOXES = {"SITES": "imap://desk:geheim@127.0.0.1:1", "LINE": dovecot.url("fetched@example.cz")}
    dovecot.deliver(letter(), "fetched@example.cz")
    output, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="1 mailboxes could not be read, 0 letters stayed"):
        call_command("fetch_mail", stdout=output, stderr=errors)
    assert "letters filed               1" in output.getvalue()
    assert "The mailbox of SITES cannot be read" in errors.getvalue()
    assert "geheim" not in errors.getvalue()
    assert came().get().desk == "LINE"
    call_command("fetch_mail", "--desk", "LINE", stdout=output)


def test_it_says_that_another_process_is_just_at_it(settings: Settings) -> None:
    settings.SUPPORT_MAILBOXES = {"SITES": "imap://desk:geheim@127.0.0.1:1", "LINE": ""}
    cache.set("support:fetching:SITES", 1, 60)
    output = io.StringIO()
    call_command("fetch_mail", stdout=output)
    assert re.search(r"fetched by another process +1\n", output.getvalue())


def test_without_a_mailbox_it_says_what_to_set() -> None:
    with pytest.raises(CommandError, match="SITES_DESK_MAILBOX"):
        call_command("fetch_mail")
