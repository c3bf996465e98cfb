"""Wrong configurations are named."""

import pytest
from pytest_django.fixtures import Settings

from crs.messaging import checks


def _ids() -> list[str | None]:
    return [found.id for found in checks.gateways()]


def test_the_local_inbox_is_a_sound_configuration() -> None:
    assert _ids() == []


def test_twilio_needs_a_sender(settings: Settings) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_SENDER = "AC1", ""
    assert "crs.E001" in _ids()
    settings.TWILIO_SENDER = "+420999888777"
    assert "crs.E001" not in _ids()


@pytest.mark.parametrize(
    ("url", "is_sound"),
    [
        ("smtp+tls://user:p%40ss@mail.example.cz:587", True),
        ("smtp://mail.example.cz", True),
        ("consolemail://", False),
        ("mail.example.cz", False),
    ],
)
def test_email_goes_by_smtp(settings: Settings, url: str, is_sound: bool) -> None:
    settings.EMAIL_URL = url
    assert ("crs.E002" not in _ids()) == is_sound


def test_messages_that_go_nowhere_are_noticed(settings: Settings) -> None:
    settings.INBOX_IS_OPEN = False
    assert _ids() == ["crs.W001"]
