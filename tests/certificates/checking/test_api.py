"""Programs check certificates: JSON in, JSON out, whatever comes."""

import gzip
import json
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.translation import get_language

from certificates.checking import api
from certificates.models import SignerCertificate
from certificates.revocation import lists
from tests.certificates.checking.codes import ours, vaccination
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]
ADDRESS = "/api/verify/"


def ask(client: Client, body: Any, **headers: str) -> Any:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = headers.pop("content_type", "application/json")
    return client.post(ADDRESS, sent, content_type=kind, headers=headers)


def test_a_genuine_one_comes_with_all_that_it_says() -> None:
    signed = ours()
    strict = Client(enforce_csrf_checks=True)
    answer = ask(strict, {"text": signed.text}, accept_language="en-GB,en;q=0.9")
    told = answer.json()
    assert (answer.status_code, told["genuine"], told["reason"], told["revoked"]) == (200, True, "GENUINE", False)
    assert told["content"] == vaccination()
    assert (told["signer"]["country"], told["issuer"]) == ("CZ", "CZ")
    assert datetime.fromisoformat(told["expires"]) == signed.expires_at
    assert told["lists"] == {"trust": None, "revocation": None, "old": False}
    assert told["message"].startswith("The certificate is genuine. Compare")
    assert (answer["Content-Language"], answer["Cache-Control"].count("no-store")) == ("en", 1)
    assert not answer.cookies


@pytest.mark.parametrize("language", ["", "cs", "de-DE", "cs;q=0.8,fr", "*", "x" * 3000])
def test_it_speaks_czech_to_who_asks_for_nothing_else_that_we_speak(client: Client, language: str) -> None:
    before = get_language()
    assert ask(client, {"text": ours().text}, accept_language=language).json()["message"].startswith("Certifikát je")
    assert get_language() == before


def test_what_is_not_genuine_says_why_and_nothing_else(client: Client) -> None:
    text = ours().text
    SignerCertificate.objects.update(withdrawn_at=NOW, withdrawal_reason="zkouška")
    told = ask(client, {"text": text}).json()
    assert (told["genuine"], told["reason"], told["content"], told["signer"]) == (False, "UNKNOWN_SIGNER", None, None)


def test_a_revoked_one_says_so(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(lists, "is_revoked", lambda genuine, now: True)
    told = ask(client, {"text": ours().text}).json()
    assert (told["genuine"], told["reason"], told["revoked"]) == (False, "REVOKED", True)
    expired = ask(client, {"text": ours(at=NOW, days=0.01).text}).json()
    assert expired["revoked"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"HC1:", 400),
        (b'{"text": 5}', 400),
        (b'{"text": "  "}', 400),
        (b'["HC1:"]', 400),
        (b"\xff\xfe{", 400),
        (b"[" * 50_000, 400),
        (b'{"text": "' + b"A" * 70_000 + b'"}', 413),
        ("\ufeff" + json.dumps({"text": "HC1:"}), 200),
        (json.dumps({"text": "\ud800 HC1:\0"}), 200),
    ],
)
def test_whatever_comes_is_answered_in_json(client: Client, body: bytes | str, status: int) -> None:
    answer = ask(client, body if isinstance(body, bytes) else body.encode())
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/json; charset=cp1250"]
)
def test_other_kinds_of_content_are_refused(client: Client, kind: str) -> None:
    assert ask(client, {"text": "HC1:"}, content_type=kind).status_code == 415


def test_a_body_that_was_packed_is_refused_in_words(client: Client) -> None:
    answer = ask(client, gzip.compress(b"{}"), content_encoding="gzip")
    assert (answer.status_code, answer["Accept-Encoding"]) == (415, "identity")
    assert "Content-Encoding" in answer.json()["message"]


def test_charset_and_capitals_of_a_program_are_taken(client: Client) -> None:
    kind = "Application/JSON; charset=UTF-8"
    assert ask(client, {"text": ours().text}, content_type=kind).json()["genuine"]


def test_other_methods_are_told_which_one_to_use(client: Client) -> None:
    for answer, status in ((client.get(ADDRESS), 405), (client.put(ADDRESS), 405), (client.options(ADDRESS), 200)):
        assert (answer.status_code, answer["Allow"]) == (status, "POST, OPTIONS")
        assert answer.json()["message"]
    assert client.head(ADDRESS).status_code == 405


def test_a_network_has_its_share(client: Client, settings: Any) -> None:
    settings.CHECKS_PER_ADDRESS = "1/h"
    ask(client, {"text": "HC1:"})
    answer = ask(client, {"text": "HC1:"})
    assert (answer.status_code, answer["Retry-After"], bool(answer.json()["message"])) == (429, "3600", True)


def test_a_file_in_parts_is_refused_as_json(client: Client) -> None:
    answer = client.post(ADDRESS, {"text": "HC1:"})
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/json")


def test_an_outage_and_a_fault_of_ours_are_json_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    for error, status in ((OperationalError("away"), 503), (RuntimeError("a fault"), 500)):

        def failing(*arguments: object, error: Exception = error, **options: object) -> None:
            raise error

        monkeypatch.setattr(api, "check", failing)
        answer = ask(client, {"text": "HC1:"})
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
        assert answer.json()["message"]
