"""The proxy as it is shipped: what it refuses, what it replaces, and what people read when web is away."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from tests.crs.web.far_end import FarEnd
from tests.crs.web.processes import Answer, Proxy, Web
from tests.crs.web.slow_clients import trusting
from tests.waiting import wait_until

LARGER_BODIES: dict[str, int] = settings.LARGER_BODIES
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_what_a_client_says_about_its_address_never_reaches_web(far_proxy: Proxy, far_end: FarEnd) -> None:
    forged = {
        "X-Forwarded-For": "6.6.6.6",
        "X_Forwarded_For": "6.6.6.7",
        "X-Forwarded_For": "6.6.6.8",
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": "evil.example",
        "X_Forwarded_Proto": "http",
        "X-Real-IP": "6.6.6.9",
        "Forwarded": "for=6.6.6.6",
    }
    far_proxy.ask("GET", "/forged/", headers=forged, source="127.0.0.9")
    seen = far_end.seen[-1]
    assert seen.all("X-Forwarded-For") == ["127.0.0.9"]
    assert seen.all("X-Forwarded-Proto") == ["https"]
    assert seen.all("Host") == ["localhost"]
    assert not [value for _, value in seen.headers if value.startswith(("6.6.6", "for=", "evil"))]


def test_a_body_in_chunks_arrives_in_one_piece(far_proxy: Proxy, far_end: FarEnd, proxy: Proxy) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b"language=en&", b"next=/")

    far_proxy.ask("POST", "/chunks/", body=chunks(), headers=FORM)
    seen = far_end.seen[-1]
    assert (seen.body, seen.all("Content-Length"), seen.all("Transfer-Encoding")) == (
        b"language=en&next=/",
        ["18"],
        [],
    )
    # And Django can read it: without the token of a form it says so, and not that it misses the length.
    assert proxy.ask("POST", "/jazyk/", body=chunks(), headers=FORM).status == 403


@pytest.mark.parametrize("is_in_chunks", [False, True])
def test_too_large_a_body_is_refused_in_words(far_proxy: Proxy, far_end: FarEnd, is_in_chunks: bool) -> None:
    large = b"x" * (1024 * 1024 + 1)
    answer = far_proxy.ask("POST", "/too-large/", body=iter([large]) if is_in_chunks else large, headers=FORM)
    assert answer.status == 413
    assert "příliš velké" in answer.body
    assert "/too-large/" not in {seen.path for seen in far_end.seen}


@pytest.mark.parametrize("is_in_chunks", [False, True])
def test_a_photograph_to_be_checked_passes_where_it_is_taken(
    far_proxy: Proxy, far_end: FarEnd, is_in_chunks: bool
) -> None:
    most = LARGER_BODIES["/overeni/soubor/"]
    for size, status in ((most, 200), (most + 1, 413)):
        body = b"x" * size
        sent = iter([body]) if is_in_chunks else body
        answer = far_proxy.ask("POST", "/overeni/soubor/", body=sent, headers=FORM)
        assert answer.status == status
    assert "Soubor je větší než 12 MB" in answer.body
    assert '<a href="/overeni/">' in answer.body
    assert [len(seen.body) for seen in far_end.seen if seen.path == "/overeni/soubor/"][-1] == most
    assert far_proxy.ask("POST", "/overeni/", body=b"x" * (1024 * 1024 + 1), headers=FORM).status == 413


def test_programs_are_told_in_json_what_the_proxy_refuses(far_proxy: Proxy, orphan: Proxy) -> None:
    large = far_proxy.ask("POST", "/api/verify/", body=b"x" * (1024 * 1024 + 1))
    away = orphan.ask("POST", "/api/verify/", body=b"{}")
    assert (large.status, away.status) == (413, 502)
    for answer in (large, away):
        assert answer.headers["Content-Type"] == "application/json"
        assert json.loads(answer.body)["message"]


def test_too_large_headers_are_refused_in_words(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/?" + "x" * 20_000)
    assert answer.status == 400
    assert "nerozumí" in answer.body


def test_too_many_cookies_are_refused_with_what_to_do(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/", headers={"Cookie": f"a={'x' * 9000}"})
    assert answer.status == 431
    assert "Smažte v prohlížeči cookies" in answer.body
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_what_the_proxy_itself_does_not_speak_is_refused_in_words(proxy: Proxy) -> None:
    packed = proxy.ask("POST", "/", headers={"Transfer-Encoding": "gzip, chunked"})
    traced = proxy.ask("TRACE", "/")
    assert (packed.status, traced.status) == (400, 405)
    for answer in (packed, traced):
        assert "nerozumí" in answer.body


def test_static_files_are_served_without_web_and_kept_for_good(far_proxy: Proxy, far_end: FarEnd) -> None:
    manifest = json.loads((Path(settings.STATIC_ROOT) / "staticfiles.json").read_text())
    before = len(far_end.seen)
    answer = far_proxy.ask("GET", f"/static/{manifest['paths']['crs/crs.css']}", headers={"Accept-Encoding": "gzip"})
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "gzip")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" not in far_proxy.ask("GET", "/static/crs/crs.css").headers["Cache-Control"]
    assert far_proxy.ask("GET", "/static/nothing.css").status == 404
    assert len(far_end.seen) == before
    for outside in ("/static/%2e%2e/manage.py", "/static../manage.py"):
        assert far_proxy.ask("GET", outside).body == "noted"


def test_pages_are_compressed(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/", headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def _assert_outage(answer: Answer, *, comes_again: bool) -> None:
    assert answer.status in {502, 504}
    assert answer.headers["Retry-After"] == "15"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Systém teď chvíli neběží" in answer.body
    assert "The system is not running" in answer.body
    assert ('http-equiv="refresh"' in answer.body) == comes_again
    # Only reloading sends again what was typed; any other way leads to an empty form.
    assert ("načtěte znovu" in answer.body and "reload this page" in answer.body) != comes_again
    assert "<a " not in answer.body
    assert "Go back" not in answer.body


def test_a_silent_web_becomes_the_outage_page_and_a_form_is_sent_once(far_proxy: Proxy, far_end: FarEnd) -> None:
    silent = far_proxy.ask("GET", "/silent/get/")
    _assert_outage(silent, comes_again=True)
    assert silent.seconds < 20
    for path in ("/silent/post/", "/gone/post/"):
        _assert_outage(far_proxy.ask("POST", path, body=b"a=b", headers=FORM), comes_again=False)
        assert [seen.path for seen in far_end.seen].count(path) == 1


def test_a_stopped_web_becomes_the_outage_page_and_back(web: Web, tmp_path: Path) -> None:
    with Proxy(tmp_path, upstream=web.port, seconds_to_answer=2) as proxy:
        with web.silent():
            _assert_outage(proxy.ask("GET", "/"), comes_again=True)
        wait_until(lambda: proxy.ask("GET", "/").status == 200, "web answers again")


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[Proxy]:
    """A proxy whose web is gone, which answers fast."""
    with FarEnd() as gone:
        port = gone.port
    with Proxy(tmp_path, upstream=port, requests_of_a_site=2, believes_addresses=True) as proxy:
        yield proxy


def test_a_web_that_is_gone_becomes_the_outage_page(orphan: Proxy) -> None:
    _assert_outage(orphan.ask("GET", "/"), comes_again=True)


@pytest.mark.parametrize(
    ("village", "flooding", "its_neighbour", "another"),
    [
        ("192.0.2.20", "192.0.2.21", "192.0.2.21", "192.0.2.22"),
        # A customer has 2^64 addresses, which count as one.
        ("2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:2:ffff::9", "2001:db8:0:3::1"),
    ],
    ids=["IPv4", "IPv6"],
)
def test_a_village_behind_one_address_passes_and_a_flood_gets_the_waiting_page(
    orphan: Proxy, village: str, flooding: str, its_neighbour: str, another: str
) -> None:
    assert {answer.status for answer in _ask_in_a_row(orphan, address=village, count=900)} == {502}
    refused = _ask_in_a_row(orphan, address=flooding, count=20_000)[-1]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "10")
    assert "Právě je tu mnoho lidí" in refused.body
    # As many as a village may send: of a network of their own none would be refused.
    statuses = {answer.status for answer in _ask_in_a_row(orphan, address=its_neighbour, count=900)}
    assert 429 in statuses
    assert _ask_in_a_row(orphan, address=another, count=1)[0].status == 502


def test_one_network_has_a_share_of_the_files_that_are_being_received(orphan: Proxy) -> None:
    def upload(address: str) -> int:
        headers = {"X-Test-Address": address}
        return orphan.ask("POST", "/overeni/soubor/", body=b"x", headers=headers).status

    with ExitStack() as open_lines:
        for _ in range(4):
            line = orphan.line("127.0.0.1")
            open_lines.callback(line.close)
            line.putrequest("POST", "/overeni/soubor/")
            line.putheader("X-Test-Address", "192.0.2.41")
            line.putheader("Content-Length", "9")
            line.endheaders(b"half")
        wait_until(lambda: upload("192.0.2.41") == 429, "its fifth file is not refused")
        assert [upload("192.0.2.40"), _status(orphan, "192.0.2.41")] == [502, 502]


def test_the_65536_networks_of_one_ipv6_site_share_a_limit_that_others_do_not_notice(orphan: Proxy) -> None:
    with ExitStack() as open_lines:
        for network in ("2001:db8:7:1::1", "2001:db8:7:2::1"):
            line = orphan.line("127.0.0.1")
            open_lines.callback(line.close)
            line.putrequest("POST", "/")
            line.putheader("X-Test-Address", network)
            line.putheader("Content-Length", "9")
            line.endheaders(b"half")
        wait_until(lambda: _status(orphan, "2001:db8:7:3::1") == 429, "a third request is not refused")
        assert [_status(orphan, address) for address in ("2001:db8:8::1", "192.0.2.30")] == [502, 502]


def _status(proxy: Proxy, address: str) -> int:
    return proxy.ask("GET", "/", headers={"X-Test-Address": address}).status


def _ask_in_a_row(proxy: Proxy, *, address: str, count: int) -> list[Answer]:
    """What `count` requests over one kept-alive connection gave, until the first that was sent away."""
    line = proxy.line("127.0.0.1")
    answers: list[Answer] = []
    while len(answers) < count and not (answers and answers[-1].status == 429):
        line.request("GET", "/", headers={"Host": "localhost", "X-Test-Address": address})
        response = line.getresponse()
        answers.append(Answer(response.status, response.headers, response.read().decode(), 0))
    line.close()
    return answers


def test_browsers_of_today_speak_http_2_over_tls_1_3(proxy: Proxy) -> None:
    context = trusting()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", proxy.port)) as line, context.wrap_socket(line) as tls:
        assert (tls.version(), tls.selected_alpn_protocol()) == ("TLSv1.3", "h2")


@pytest.mark.parametrize("path", ["/admin/", "/readyz", "/metrics", "/inbox/", "/admin"])
def test_what_is_for_operators_is_not_there_for_others(far_proxy: Proxy, tmp_path: Path, path: str) -> None:
    far_proxy.allow_networks("10.0.0.0/8 1;")
    answer = far_proxy.ask("GET", path)
    assert answer.status == 404
    assert "nenašli" in answer.body


def test_what_is_for_operators_is_there_for_them(far_proxy: Proxy) -> None:
    far_proxy.allow_networks("127.0.0.0/8 1;")
    assert far_proxy.ask("GET", "/admin/").body == "noted"


def test_no_query_reaches_the_log(proxy: Proxy) -> None:
    proxy.ask("GET", "/?telefon=601234567")
    proxy.ask("GET", "/admin/?q=601234567")
    # Each line is written after its answer.
    lines = ('"GET / HTTP/1.1" 200', '"GET /admin/ HTTP/1.1"')
    wait_until(lambda: all(line in proxy.access_log.read_text() for line in lines), "both stand in the log")
    assert "601234567" not in proxy.access_log.read_text() + (proxy.folder / "error.log").read_text()


@pytest.mark.parametrize("path", ["/o/ABCDEFGHJKLMNPQR/", "//o/ABCDEFGHJKLMNPQR/?x=1", "/%6f/ABCDEFGHJKLMNPQR"])
def test_no_token_of_a_personal_link_reaches_the_log(proxy: Proxy, path: str) -> None:
    line = '"GET /o/... HTTP/1.1"'
    before = proxy.access_log.read_text().count(line)
    proxy.ask("GET", path)
    wait_until(lambda: proxy.access_log.read_text().count(line) > before, "it stands in the log")
    assert "ABCDEFGHJKLMNPQR" not in proxy.access_log.read_text() + (proxy.folder / "error.log").read_text()


def test_plain_http_leads_to_https(proxy: Proxy) -> None:
    answer = proxy.ask_plainly("/rezervace/?kraj=CZ064")
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/rezervace/?kraj=CZ064")
    assert proxy.ask_plainly("/proxy-health").body == "ok\n"
