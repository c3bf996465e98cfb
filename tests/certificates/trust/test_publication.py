"""Anybody's program can read the trust list, and the EU's verifier apps can be pointed at it."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from django.test import Client
from django.utils.http import http_date
from pytest_django import DjangoAssertNumQueries

from certificates.keys import withdrawal
from certificates.models import SignerCertificate
from certificates.trust import formats, publication
from certificates.trust.imports import import_list
from certificates.trust.signers import trusted
from tests.factories import NOW, authority_pair, make_signing_key, signer_pair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

JSON_LIST, PEM_LIST = "/.well-known/dcc-trust-list.json", "/.well-known/dcc-trust-list.pem"
UPDATE, STATUS = "/dcc/signercertificateUpdate", "/dcc/signercertificateStatus"
ALL = (JSON_LIST, PEM_LIST, UPDATE, STATUS, f"{STATUS}/delta", "/dcc/context")


def make_signer(number: int, *, country: str = "SK", **fields: Any) -> SignerCertificate:
    """Another state's signer on the list."""
    values = {"origin": "IMPORTED", "source": "EU", "country": country, "added_at": NOW}
    row = SignerCertificate.of(signer_pair(number, NOW)[1], **(values | fields))
    row.save()
    return row


def make_authority() -> SignerCertificate:
    row = SignerCertificate.of(authority_pair()[1], origin="OWN", is_authority=True, added_at=NOW)
    row.save()
    return row


def test_the_json_holds_every_signer_and_our_authority(client: Client) -> None:
    key, stranger, authority = make_signing_key(), make_signer(71), make_authority()
    withdrawal.withdraw(signer=make_signer(72), reason="misused", now=NOW)
    content = client.get(JSON_LIST).json()
    assert [entry["kid"] for entry in content["signers"]] == [key.signer.kid, stranger.kid]
    assert [entry["kid"] for entry in content["authorities"]] == [authority.kid]
    own, other = content["signers"]
    assert (own["country"], own["isOwn"], other["country"], other["isOwn"]) == ("CZ", True, "SK", False)
    assert base64.b64decode(own["rawData"]) == bytes(key.signer.der)
    assert own["sha256"] == key.signer.sha256
    assert own["validUntil"] == f"{key.signer.not_after:%Y-%m-%dT%H:%M:%SZ}"
    assert content["issuedAt"] == "2027-01-11T08:00:00Z"


def test_our_own_list_can_be_imported_elsewhere(client: Client) -> None:
    make_signing_key()
    make_authority()
    found = formats.read_data(client.get(JSON_LIST).content, "list")
    assert (len(found.entries), found.others, found.problems) == (1, 1, [])
    assert found.issued_at == NOW
    outcome = import_list(trust_list=found, source="CZ", now=NOW, progress=lambda *_: None)
    assert (outcome.known, outcome.problems) == (1, [])


def test_the_pem_can_be_read_by_every_program(client: Client) -> None:
    key = make_signing_key()
    make_authority()
    answer = client.get(PEM_LIST)
    assert answer["Content-Type"] == "application/x-pem-file"
    assert x509.load_pem_x509_certificates(answer.content) == [key.signer.certificate]
    assert f"# CZ {key.signer.kid} until" in answer.content.decode()


@pytest.mark.parametrize("address", ALL)
def test_it_is_open_to_every_page_and_bound_to_no_session(client: Client, address: str) -> None:
    make_signing_key()
    answer = client.get(address)
    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=300"
    head = client.head(address)
    assert (head.status_code, head.content, head.get("ETag")) == (200, b"", answer.get("ETag"))
    preflight = client.options(address)
    assert (preflight.status_code, preflight["Access-Control-Allow-Origin"]) == (204, "*")
    assert "X-RESUME-TOKEN" in preflight["Access-Control-Allow-Headers"]
    for one in (answer, head, preflight):
        assert "Content-Language" not in one
    assert "Content-Type" not in preflight
    # What apps look for in an answer, and we do not sign (docs/operations.md).
    assert "X-SIGNATURE" not in answer["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("address", ALL)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE"])
def test_another_method_is_refused_in_plain_text_and_needs_no_token_of_a_form(address: str, method: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, address, b"x=1")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert not answer.cookies
    assert "Content-Language" not in answer


@pytest.mark.parametrize("address", [JSON_LIST, PEM_LIST, STATUS])
def test_who_has_it_already_is_told_so_until_it_changes(client: Client, address: str) -> None:
    make_signing_key()
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    make_signer(73)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_date_tells_it_too(client: Client) -> None:
    make_signing_key()
    answer = client.get(JSON_LIST)
    assert client.get(JSON_LIST, headers={"If-Modified-Since": answer["Last-Modified"]}).status_code == 304
    before = http_date((NOW - timedelta(hours=1)).timestamp())
    assert client.get(JSON_LIST, headers={"If-Modified-Since": before}).status_code == 200


def test_an_app_fetches_certificate_by_certificate_and_goes_on_where_it_was(client: Client) -> None:
    make_authority()
    signers = [make_signing_key().signer, make_signer(74)]
    fetched: list[tuple[str, bytes]] = []
    headers: dict[str, str] = {}
    while (answer := client.get(UPDATE, headers=headers)).status_code == 200:
        assert answer["Content-Type"].startswith("text/plain")
        fetched.append((answer["X-KID"], base64.b64decode(answer.content)))
        headers = {"X-RESUME-TOKEN": answer["X-RESUME-TOKEN"]}
    assert fetched == [(signer.kid, bytes(signer.der)) for signer in signers]
    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"Content-Type", "Content-Language"} & answer.headers.keys()
    # A new one comes after those that the app has.
    new = make_signer(75)
    assert client.get(UPDATE, headers=headers)["X-KID"] == new.kid


@pytest.mark.parametrize("token", ["x", "-1", "1.5", "٣", "١", "١".encode().decode("latin-1"), "9" * 19, "9" * 30])
def test_a_token_that_we_never_gave_is_refused_in_plain_text(client: Client, token: str) -> None:
    answer = client.generic("GET", UPDATE, HTTP_X_RESUME_TOKEN=token)
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")


def test_what_was_withdrawn_is_missing_from_the_kids_and_named_by_the_delta(client: Client) -> None:
    key, stranger = make_signing_key(), make_signer(76)
    assert client.get(STATUS).json() == [key.signer.kid, stranger.kid]
    withdrawal.withdraw(signer=stranger, reason="misused", now=NOW)
    assert client.get(STATUS).json() == [key.signer.kid]
    assert client.get(f"{STATUS}/delta").json() == {"updated": [key.signer.kid], "deleted": [stranger.kid]}


@pytest.mark.parametrize("form", [lambda moment: http_date(moment.timestamp()), lambda moment: moment.isoformat()])
def test_the_delta_begins_where_the_app_last_asked(client: Client, form: Any) -> None:
    make_signing_key(now=NOW - timedelta(days=9))
    make_signer(77, added_at=NOW - timedelta(days=9), withdrawn_at=NOW - timedelta(days=5), withdrawal_reason="x")
    # It was withdrawn a little before the app asked, and written a little after.
    just_before = NOW - timedelta(days=1, minutes=9)
    gone = make_signer(78, added_at=NOW - timedelta(days=9), withdrawn_at=just_before, withdrawal_reason="x")
    new = make_signer(79)
    answer = client.get(f"{STATUS}/delta", headers={"If-Modified-Since": form(NOW - timedelta(days=1))})
    assert answer.json() == {"updated": [new.kid], "deleted": [gone.kid]}
    assert answer["Last-Modified"] == http_date(NOW.timestamp())
    everything = client.get(f"{STATUS}/delta").json()
    assert len(everything["updated"]) == len(everything["deleted"]) == 2


@pytest.mark.parametrize("since", ["yesterday", "abc", "0", "2027-13-41T00:00:00Z"])
def test_a_delta_since_no_moment_is_refused_in_words(client: Client, since: str) -> None:
    answer = client.get(f"{STATUS}/delta", headers={"If-Modified-Since": since})
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")
    assert "2021-06-01T00:00:00Z" in answer.content.decode()


def test_the_context_leads_an_app_to_the_other_addresses(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://registrace.gov.cz"
    content = json.loads(client.get("/dcc/context").content)
    assert content["origin"] == "CZ"
    assert content["versions"]["default"]["endpoints"]["update"]["url"] == f"https://registrace.gov.cz{UPDATE}"


def test_the_documents_are_made_once_for_each_version() -> None:
    make_signing_key()
    later = NOW + timedelta(hours=1)
    version, next_version = publication.version(NOW), publication.version(later)
    assert publication.as_json(version, NOW) is publication.as_json(version, NOW)
    assert publication.as_json(next_version, later) is not publication.as_json(version, NOW)


@pytest.mark.parametrize("address", [JSON_LIST, PEM_LIST])
def test_what_is_in_memory_asks_for_its_version_and_its_date_alone(
    client: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_signing_key()
    client.get(address)
    with django_assert_num_queries(3):
        assert client.get(address).status_code == 200


def test_the_list_that_verifies_follows_each_change_at_once() -> None:
    key = make_signing_key()
    kid = base64.b64decode(key.signer.kid)
    assert [signer.certificate for signer in trusted(NOW).of(kid)] == [key.signer.certificate]
    assert trusted(NOW) is trusted(NOW)
    other = make_signer(80)
    kids = [kid, base64.b64decode(other.kid)]
    assert [len(trusted(NOW).of(one)) for one in kids] == [1, 1]
    withdrawal.withdraw(signer=key.signer, reason="stolen", now=NOW)
    assert not trusted(NOW).of(kid)
    assert trusted(NOW).of(base64.b64decode(other.kid))
    # The list as it stood, for who asks about another day.
    assert [len(trusted(NOW - timedelta(seconds=1)).of(one)) for one in kids] == [1, 1]
