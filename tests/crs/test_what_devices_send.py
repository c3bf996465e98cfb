"""Requests as browsers, scanners and strange programs send them: each is answered in words, none by a fault."""

from typing import Any

import pytest
from django.test import Client

from tests.pages import Page

pytestmark = pytest.mark.django_db

TOKEN = "a" * 32
FORM = "application/x-www-form-urlencoded"
OURS = {"HTTP_ORIGIN": "null", "HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def browser() -> Client:
    """One whose forms are asked for their token, as everybody's are."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["csrftoken"] = TOKEN
    return client


def _send(browser: Client, body: bytes | str, content_type: str = FORM, path: str = "/jazyk/", **more: Any) -> Page:
    return browser.generic("POST", path, body, content_type=content_type, **more)


@pytest.mark.parametrize(
    "content_type",
    [
        *(f"{FORM}; charset={name}" for name in ("utf-16", "iso-8859-2", "windows-1250", "utf-7", "UTF-32")),
        *("multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 300}"),
        *(
            "multipart/form-data; boundary=ž",
            "application/json",
            "text/plain",
            "",
            "nonsense",
            f"{FORM}; charset=bogus",
        ),
    ],
)
@pytest.mark.parametrize("path", ["/jazyk/", "/registrace/", "/personal/prihlaseni/", "/admin/login/"])
def test_a_form_that_cannot_be_read_is_answered_by_a_page(browser: Client, content_type: str, path: str) -> None:
    answer = _send(browser, b"language=en", content_type, path)
    assert answer.status_code == 400
    assert "nerozumí" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_with_its_token_is_taken_where_only_the_browser_says_whose_it_is(browser: Client) -> None:
    body = f"csrfmiddlewaretoken={TOKEN}&language=en&next=/"
    assert _send(browser, body, **OURS).status_code == 302
    assert _send(browser, body, secure=True, **OURS).status_code == 302
    assert _send(browser, body, secure=True, HTTP_SEC_FETCH_SITE="same-origin").status_code == 302
    assert _send(browser, body, f"{FORM}; charset=UTF-8", **OURS).status_code == 302
    # Without the token the browser's word is nothing.
    assert _send(browser, "language=en", **OURS).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_form_that_hides_where_it_comes_from_is_refused(browser: Client, site: str) -> None:
    body = f"csrfmiddlewaretoken={TOKEN}&language=en&next=/"
    for more in ({"HTTP_ORIGIN": "null"}, {"secure": True}):
        answer = _send(browser, body, **more, **({"HTTP_SEC_FETCH_SITE": site} if site else {}))
        assert answer.status_code == 403
        assert "Formulář se neodeslal" in answer.content.decode()
    for origin in ("https://evil.example", "http://testserver.evil.example"):
        assert _send(browser, body, HTTP_ORIGIN=origin, HTTP_SEC_FETCH_SITE="same-origin").status_code == 403


@pytest.mark.parametrize("path", ["/", "/volne-terminy/", "/o/x/", "/admin/", "/nic/", "/captcha/x.png", "/stav.json"])
def test_a_nul_in_an_address_finds_nothing(client: Client, path: str) -> None:
    answer = client.get(f"{path}%00/")
    assert answer.status_code == 404
    assert "Content-Security-Policy" in answer.headers
    for address in (f"{path}?kraj=%00&okres=%00", f"{path}?a=b&c%00=d", f"{path}?q=a%00b"):
        assert client.get(address).status_code < 500, address


@pytest.mark.parametrize("field", ["next", "language", "neither"])
def test_a_nul_in_a_form_is_no_fault(client: Client, field: str) -> None:
    assert client.post("/jazyk/", {field: "a\0b"}).status_code == 302


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/readyz", "/stav/", "/stav.json", "/nic/", "/.well-known/security.txt"]
)
def test_head_is_answered_as_get_is(client: Client, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW", "PROPFIND"])
@pytest.mark.parametrize("path", ["/", "/registrace/", "/personal/prihlaseni/", "/admin/", "/rezervace/", "/readyz"])
def test_other_methods_are_refused_with_our_headers(browser: Client, method: str, path: str) -> None:
    answer = browser.generic(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    if path != "/readyz":  # answered before all else
        assert "Content-Security-Policy" in answer.headers
