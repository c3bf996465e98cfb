"""A trust list is fetched by https alone, verified, within limits, and from a service certificate by certificate."""

import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.keys import files, profiles
from certificates.trust import download
from certificates.trust.errors import TrustListRefused
from tests.certificates.trust.test_imports import der, kid, text

Answer = tuple[int, bytes, dict[str, str]]
LIST = json.dumps([{"rawData": text(1)}]).encode()
fetch = partial(download.fetch_list, progress=lambda *_: None)


class Far:
    """The server at the far end: what it answers by path."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Callable[[str], Answer]] = {}

    def put(self, path: str, answer: Callable[[str], Answer] | Answer) -> str:
        """Answer `path` so, by the resume token; returns its address."""
        self.answers[path] = answer if callable(answer) else lambda token: answer
        return self.url + path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of TLS for this machine, with its key."""
    key, name, now = profiles.new_private_key(), profiles.name("localhost", "CZ"), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_text(files.private_text(key) + made.public_bytes(Encoding.PEM).decode())
    return file


@pytest.fixture
def far(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    """The far end, whose certificate this machine trusts."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    there: list[Far] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, headers = there[0].answers[self.path](self.headers.get("X-RESUME-TOKEN", ""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    there.append(Far(f"https://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield there[0]
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_list_comes_by_https(far: Far) -> None:
    found = fetch(far.put("/list", (200, LIST, {"Last-Modified": "Mon, 11 Jan 2027 08:00:00 GMT"})))
    assert [entry.der for entry in found.entries] == [der(1)]
    assert found.issued_at == datetime(2027, 1, 11, 8, tzinfo=UTC)


@pytest.mark.parametrize("url", ["http://127.0.0.1/list", "ftp://x/list", "https:///list", "file:///etc/passwd"])
def test_another_way_than_https_is_refused(url: str) -> None:
    with pytest.raises(TrustListRefused, match="https"):
        fetch(url)


def test_a_server_that_nobody_vouches_for_is_refused(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    url = far.put("/list", (200, LIST, {}))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(TrustListRefused, match="certificate verify failed"):
        fetch(url)


def test_a_redirect_is_not_followed_but_named(far: Far) -> None:
    with pytest.raises(TrustListRefused, match="302 to http://elsewhere/; give that"):
        fetch(far.put("/list", (302, b"", {"Location": "http://elsewhere/"})))
    with pytest.raises(TrustListRefused, match="500"):
        fetch(far.put("/list", (500, b"", {})))


def test_an_answer_that_is_too_long_or_too_slow_is_cut_off(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    url = far.put("/list", (200, bytes(100_000), {}))
    monkeypatch.setattr(download, "LONGEST_LIST", 50_000)
    with pytest.raises(TrustListRefused, match="more than 50,000 bytes"):
        fetch(url)
    monkeypatch.setattr(download, "LONGEST_SECONDS", -1.0)
    url = far.put("/list", (200, LIST, {}))
    with pytest.raises(TrustListRefused, match="takes longer"):
        fetch(url)


def test_an_answer_may_be_compressed_and_must_be_whole(far: Far) -> None:
    packed = gzip.compress(LIST)
    assert fetch(far.put("/list", (200, packed, {"Content-Encoding": "gzip"}))).entries
    with pytest.raises(TrustListRefused):
        fetch(far.put("/list", (200, LIST, {"Content-Length": str(len(LIST) + 1)})))


def test_a_server_that_is_away_is_said_in_one_line() -> None:
    with pytest.raises(TrustListRefused, match="cannot be read"):
        fetch("https://127.0.0.1:9/list")


def by_token(token: str) -> Answer:
    """A verifier's service with three signers."""
    number = int(token or 0) + 1
    if number > 3:
        return 204, b"", {}
    return 200, text(number).encode(), {"X-RESUME-TOKEN": str(number), "X-KID": kid(number)}


def test_a_verifier_service_is_asked_certificate_by_certificate(far: Far) -> None:
    url = far.put("/dcc/signercertificateUpdate", by_token)
    far.put("/dcc/signercertificateStatus", (200, json.dumps([kid(1), kid(3)]).encode(), {}))
    found = fetch(url)
    assert [entry.der for entry in found.entries] == [der(1), der(3)]
    assert (found.others, found.problems) == (1, [])


def test_a_service_that_goes_round_in_a_ring_is_left(far: Far) -> None:
    answer = (200, text(1).encode(), {"X-RESUME-TOKEN": "1", "X-KID": kid(1)})
    with pytest.raises(TrustListRefused, match="no new X-RESUME-TOKEN"):
        fetch(far.put("/signercertificateUpdate", answer))
    far.put("/signercertificateUpdate", by_token)
    far.put("/signercertificateStatus", (200, b"<html>", {}))
    with pytest.raises(TrustListRefused, match="no list of kids"):
        fetch(f"{far.url}/signercertificateUpdate")
