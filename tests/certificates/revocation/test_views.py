"""Anybody can fetch what is revoked, by the protocol of the EU gateway and as one signed list."""

import base64
import json
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from certificates.models import Certificate, RevocationBatch
from certificates.revocation import publication, revoking, signed_message, views
from tests.factories import NOW, make_signing_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LIST = "/dcc/revocation-list"
SIGNED, PLAIN = "/.well-known/dcc-revocation-list.jws", "/.well-known/dcc-revocation-list.json"


@pytest.fixture
def published(certificate: Certificate) -> Certificate:
    revoking.revoke(certificates=Certificate.objects.all(), why=Certificate.Revocation.OTHER, now=NOW)
    publication.publish(now=NOW)
    return certificate


def test_the_list_of_batches_ascends(client: Client, published: Certificate) -> None:
    answer = client.get(LIST, headers={"If-Modified-Since": "2021-06-01T00:00:00Z"})
    content = answer.json()
    assert (answer.status_code, content["more"]) == (200, False)
    dates = [one["date"] for one in content["batches"]]
    assert dates == sorted(dates)
    assert content["batches"][0] == {
        "batchId": RevocationBatch.objects.earliest("made_at").batch_id,
        "country": "CZ",
        "date": "2027-01-11T08:00:00.000Z",
        "deleted": False,
    }


@pytest.mark.parametrize(
    "since", ["2027-01-11T09:00:00Z", "2027-01-11T09:00:00.000+00:00", "Mon, 11 Jan 2027 09:00:00 GMT"]
)
def test_nothing_changed_since_then(client: Client, published: Certificate, since: str) -> None:
    answer = client.get(LIST, headers={"If-Modified-Since": since})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"Content-Type", "Content-Language"} & answer.headers.keys()


def test_a_reader_goes_on_where_the_page_ended(
    client: Client, published: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_BATCHES", 2)
    first = client.get(LIST).json()
    second = client.get(LIST, headers={"If-Modified-Since": first["batches"][-1]["date"]}).json()
    assert (first["more"], second["more"]) == (True, False)
    seen = [one["batchId"] for one in first["batches"] + second["batches"]]
    assert len(seen) == len(set(seen)) == 3


@pytest.mark.parametrize("since", ["yesterday", "2027-13-41T00:00:00Z", "0"])
def test_a_moment_that_is_none_is_refused_in_words(client: Client, since: str) -> None:
    answer = client.get(LIST, headers={"If-Modified-Since": since})
    assert answer.status_code == 400
    assert "2021-06-01T00:00:00Z" in answer.content.decode()


def test_a_batch_is_signed_and_is_fetched_once(client: Client, published: Certificate) -> None:
    address = f"{LIST}/{RevocationBatch.objects.first().batch_id}"  # type: ignore[union-attr]
    answer = client.get(address)
    message = signed_message.opened(base64.b64decode(answer.content))
    message.signer_among([published.signer.certificate])
    assert json.loads(message.content)["country"] == "CZ"
    assert answer["Content-Type"] == "application/cms-text"
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_deleted_batch_is_gone_and_listed_as_deleted(client: Client, published: Certificate) -> None:
    batch = RevocationBatch.objects.first()
    assert batch is not None
    etag = client.get(f"{LIST}/{batch.batch_id}")["ETag"]
    publication.delete_expired(now=published.expires_at + timedelta(seconds=1))
    assert client.get(f"{LIST}/{batch.batch_id}", headers={"If-None-Match": etag}).status_code == 410
    listed = client.get(LIST, headers={"If-Modified-Since": publication.written(NOW + timedelta(days=1))}).json()
    assert [one["deleted"] for one in listed["batches"]] == [True] * 3


@pytest.mark.parametrize("batch_id", ["unknown", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_batch_is_not_found(client: Client, batch_id: str) -> None:
    answer = client.get(f"{LIST}/{batch_id}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_the_signed_list_and_the_plain_one_say_the_same(client: Client, published: Certificate) -> None:
    signed, plain = client.get(SIGNED), client.get(PLAIN)
    assert signed["Content-Type"] == "application/jose"
    assert json.loads(publication.content_of(signed.content.decode())) == plain.json()
    assert plain.json()["revoked"][0]["kid"] == published.signer.kid
    for answer in (signed, plain):
        assert client.get(answer.wsgi_request.path, headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize("address", [SIGNED, PLAIN])
def test_before_the_first_publication_a_reader_is_told_when_to_come_again(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/plain; charset=utf-8", "no-store")
    assert not answer.cookies


def test_where_nothing_is_revoked_an_empty_list_is_published(client: Client) -> None:
    make_signing_key()
    publication.publish(now=NOW)
    content = json.loads(publication.content_of(client.get(SIGNED).content.decode()))
    assert (content["revoked"], content["expires"]) == ([], "2027-01-13T08:00:00.000Z")
    assert client.get(PLAIN).json() == content


def test_pages_of_any_origin_may_read_it_and_nobody_is_followed(client: Client, published: Certificate) -> None:
    for address in (LIST, f"{LIST}/{RevocationBatch.objects.first().batch_id}", SIGNED, PLAIN):  # type: ignore[union-attr]
        answer = client.get(address)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert not answer.cookies
        head = client.head(address)
        assert (head.status_code, head.content) == (200, b"")
        post = Client(enforce_csrf_checks=True).post(address)
        assert (post.status_code, post["Content-Type"]) == (405, "text/plain; charset=utf-8")
        assert not {"Content-Language", "Set-Cookie"} & (answer.headers.keys() | post.headers.keys())
    assert client.get(LIST)["Cache-Control"] == "no-store"
    assert client.get(SIGNED)["Cache-Control"] == "public, max-age=300"


def test_a_page_costs_few_queries(
    client: Client, published: Certificate, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for address, most in ((LIST, 1), (PLAIN, 4)):
        with django_assert_max_num_queries(most):
            client.get(address)
