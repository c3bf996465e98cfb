"""Wrong settings of mail in are found before anything starts."""

import pytest
from pytest_django import Settings

from support.mail_in.checks import desks

RIGHT = {"SITES": "podpora@example.cz", "LINE": "1221@example.cz"}


def ids() -> list[str | None]:
    return [found.id for found in desks()]


def test_the_settings_of_a_trial_are_right() -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("SUPPORT_LISTENER", "127.0.0.1:2424", "support.E001"),
        ("SUPPORT_MAILBOXES", {"SITES": "imaps://desk:geh/eim@mail.example.cz", "LINE": ""}, "support.E002"),
        ("SUPPORT_MAILBOXES", {"SITES": "imap://desk:geheim@mail.example.cz", "LINE": ""}, "support.W001"),
        ("SUPPORT_MAILBOXES", {"SITES": f"imaps://desk:geheim@{'a' * 70}.cz", "LINE": ""}, "support.E002"),
        ("SUPPORT_ADDRESSES", {**RIGHT, "LINE": "1221"}, "support.E003"),
        ("SUPPORT_ADDRESSES", {**RIGHT, "LINE": "linka+1221@example.cz"}, "support.E003"),
        ("SUPPORT_ADDRESSES", {**RIGHT, "LINE": "Podpora@example.cz"}, "support.E003"),
    ],
)
def test_a_wrong_setting_is_named_without_its_password(
    settings: Settings, name: str, value: object, found: str
) -> None:
    setattr(settings, name, value)
    assert ids() == [found]
    assert "geh" not in str(desks())


def test_mailboxes_that_are_right_pass(settings: Settings) -> None:
    settings.SUPPORT_MAILBOXES = {
        "SITES": "imaps://d:s@mail.example.cz",
        "LINE": "imap://d:s@localhost/INBOX?done=Archive",
    }
    assert ids() == []
