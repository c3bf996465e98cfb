"""Registers over HTTP, with a real server at the far end that does all that servers do."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from registration.registers.asking import HealthWorker, Insured, RegisterAway, UnreadableAnswer
from registration.registers.http import LARGEST_ANSWER, HttpHealthWorkersRegister, HttpInsurersRegister
from tests.registration.registers.far_end import Answering, Handler, Register, nobody_listens

NUMBER = "6854021240"
JANA = Insured("Jana", "Nováková", date(1968, 4, 2), "111")


@pytest.fixture
def far_end() -> Iterator[Register]:
    """A register that knows Jana."""
    register = Register()
    yield register
    register.end()


def client(far_end: Register | str, **options: Any) -> HttpInsurersRegister:
    """Our side, which waits for a busy machine unless a test says less; the breaker knows each port by itself."""
    url = far_end if isinstance(far_end, str) else far_end.url
    return HttpInsurersRegister(url, token="token-of-ours", **{"silence": 20, "whole": 40, **options})


def test_the_number_travels_in_the_body_and_never_in_the_address(far_end: Register) -> None:
    assert client(far_end).look_up(NUMBER) == JANA
    [(path, headers, question)] = far_end.asked
    assert (path, question) == ("/v1/insured", {"number": NUMBER})
    assert headers["Authorization"] == "Bearer token-of-ours"


def test_one_connection_serves_many_questions(far_end: Register) -> None:
    register = client(far_end)
    assert [register.look_up(number) for number in ("6854021240", "5401010006", "385512123")] == [JANA] * 3
    register.close()


def test_an_ended_insurance_and_a_death_are_answers(far_end: Register) -> None:
    far_end.answering = lambda one: one.answer(one.person(insured_until="2026-01-31", died_on="2026-01-30"))
    found = client(far_end).look_up(NUMBER)
    assert found is not None
    assert (found.insured_until, found.died_on) == (date(2026, 1, 31), date(2026, 1, 30))


def test_whom_the_register_says_it_does_not_know_is_not_found(far_end: Register) -> None:
    far_end.answering = lambda one: one.answer({"number": one.question["number"], "found": False}, 404)
    assert client(far_end).look_up(NUMBER) is None


def test_a_health_worker_is_read_alike(far_end: Register) -> None:
    record = {
        "worker_number": "123456789",
        "first_name": "Jana",
        "last_name": "Nováková",
        "profession": "všeobecná sestra",
        "facility": "Nemocnice Tábor",
        "until": None,
    }
    far_end.answering = lambda one: one.answer({"number": one.question["number"], "found": True, **record})
    found = HttpHealthWorkersRegister(far_end.url, token="").look_up(NUMBER)
    assert found == HealthWorker("123456789", "Jana", "Nováková", "všeobecná sestra", "Nemocnice Tábor")


def nothing(one: Handler) -> None:
    """The connection ends without an answer."""
    one.connection.close()
    one.close_connection = True


def half(one: Handler) -> None:
    """The body is shorter than it says."""
    one.send_response(200)
    one.send_header("Content-Length", "4000")
    one.end_headers()
    one.wfile.write(b'{"number": "6854021240", "found": true')
    one.close_connection = True


AWAY: dict[str, Answering] = {
    "500": lambda one: one.answer({"error": "oops"}, 500),
    "503": lambda one: one.answer(b"down", 503),
    "a log-in page": lambda one: one.answer(b"<html>log in</html>"),
    "a 404 of a proxy": lambda one: one.answer(b"<html>not found</html>", 404),
    "401": lambda one: one.answer({}, 401),
    "a way elsewhere": lambda one: one.answer(b"", 307, Location="http://localhost:9/elsewhere"),
    "a huge body": lambda one: one.answer(one.person(last_name="N" * LARGEST_ANSWER)),
    "no JSON": lambda one: one.answer(b"{'number': 1}"),
    "a nest": lambda one: one.answer(b"[" * 16_000),
    "Latin-2": lambda one: one.answer(b'{"last_name": "Nov\xe1k"}'),
    "compressed": lambda one: one.answer(b"\x1f\x8b\x08\x00\x00", Content_Encoding="gzip"),
    "a cut": nothing,
    "half": half,
    "no HTTP": lambda one: one.drip(b"SSH-2.0-OpenSSH_9.2\r\n", 0),
}
UNREADABLE: dict[str, Answering] = {
    "somebody else": lambda one: one.answer(one.person(number="5401010006")),
    "no number": lambda one: one.answer({"found": False}, 404),
    "a list": lambda one: one.answer([one.person()]),
    "200, but not found": lambda one: one.answer({"number": NUMBER, "found": False}),
    "404, but found": lambda one: one.answer(one.person(), 404),
    "found as a text": lambda one: one.answer(one.person(found="true")),
    "a date of another shape": lambda one: one.answer(one.person(birth_date="2. 4. 1968")),
    "no such day": lambda one: one.answer(one.person(birth_date="1968-02-30")),
    "a date as a number": lambda one: one.answer(one.person(birth_date=19680402)),
    "a name as a list": lambda one: one.answer(one.person(last_name=["Nováková"])),
    "no surname": lambda one: one.answer(one.person(last_name=" \u200b")),
    "an endless name": lambda one: one.answer(one.person(first_name="J" * 300)),
    "nothing about the end": lambda one: one.answer({k: v for k, v in one.person().items() if k != "died_on"}),
    "a refusal of this number": lambda one: one.answer({"error": "number"}, 422),
}


@pytest.mark.parametrize("name", AWAY)
def test_a_register_that_does_not_answer_as_agreed_is_away(name: str, far_end: Register) -> None:
    far_end.answering = AWAY[name]
    with pytest.raises(RegisterAway) as refused:
        client(far_end).look_up(NUMBER)
    assert not isinstance(refused.value, UnreadableAnswer)
    assert NUMBER not in str(refused.value)


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_cannot_be_relied_on_is_never_not_found(name: str, far_end: Register) -> None:
    far_end.answering = UNREADABLE[name]
    register = client(far_end)
    with pytest.raises(UnreadableAnswer) as refused:
        register.look_up(NUMBER)
    assert not any(text in str(refused.value) for text in (NUMBER, "5401010006", "Nov", "1968"))
    far_end.answering = lambda one: one.answer(one.person())
    assert register.look_up(NUMBER) == JANA  # others are asked about at once


def test_after_a_failure_nobody_waits_for_the_register(far_end: Register, caplog: pytest.LogCaptureFixture) -> None:
    far_end.answering = AWAY["500"]
    register = client(far_end)
    with caplog.at_level(logging.DEBUG):
        for _try in range(3):
            with pytest.raises(RegisterAway):
                register.look_up(NUMBER)
    assert len(far_end.asked) == 1
    assert NUMBER not in caplog.text


def test_a_bad_gateway_is_tried_again_at_once(far_end: Register) -> None:
    def answer(one: Handler) -> None:
        one.answer(b"", 502) if len(far_end.asked) < 2 else one.answer(one.person())

    far_end.answering = answer
    assert client(far_end).look_up(NUMBER) == JANA


@pytest.mark.parametrize("status", [429, 503])
def test_how_long_the_register_wants_to_be_left_alone_is_handed_on(status: int, far_end: Register) -> None:
    far_end.answering = lambda one: one.answer({}, status, Retry_After="120")
    with pytest.raises(RegisterAway) as refused:
        client(far_end).look_up(NUMBER)
    assert refused.value.retry_after == 120


def test_the_wait_may_be_a_date_and_may_be_nonsense(far_end: Register) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    for text, shortest, longest in ((until, 290, 300), ("soon", None, None), ("9" * 40, 1e6, 1e10)):
        far_end.answering = lambda one, text=text: one.answer({}, 429, Retry_After=text)  # type: ignore[misc]
        with pytest.raises(RegisterAway) as refused:
            HttpInsurersRegister(far_end.url, token="")._found(NUMBER, dict)
        wait = refused.value.retry_after
        assert wait is None if shortest is None else wait is not None and shortest <= wait <= (longest or 0)


def silent(one: Handler) -> None:
    """Many seconds of nothing."""
    one.server.is_over.wait(20)
    one.close_connection = True


def drip_of_heads(one: Handler) -> None:
    """A byte a little before each time-out."""
    one.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 1\r\n" * 1000, 0.1)


def drip_of_body(one: Handler) -> None:
    """The same, in the body, whose length nobody says."""
    one.send_response(200)
    one.send_header("Connection", "close")
    one.end_headers()
    one.drip(b" " * 10_000, 0.1)


@pytest.mark.parametrize("answering", [silent, drip_of_heads, drip_of_body])
def test_no_server_holds_a_worker_longer_than_the_whole_time(answering: Answering, far_end: Register) -> None:
    far_end.answering = answering
    began = time.monotonic()
    with pytest.raises(RegisterAway):
        client(far_end, silence=0.3, whole=0.6).look_up(NUMBER)
    assert time.monotonic() - began < 5  # of twenty and more


def test_a_cut_is_for_one_question_only(far_end: Register) -> None:
    far_end.answering = drip_of_body
    register = client(far_end, silence=0.3, whole=2)
    with pytest.raises(RegisterAway):
        register._found(NUMBER, dict)
    far_end.answering = lambda one: one.answer(one.person())
    assert register._found(NUMBER, dict) is not None


def test_a_register_where_nobody_listens_is_away() -> None:
    with pytest.raises(RegisterAway):
        client(nobody_listens()).look_up(NUMBER)


def test_the_environment_sends_no_number_to_a_proxy(far_end: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, nobody_listens())
    monkeypatch.delenv("no_proxy", raising=False)
    assert client(far_end).look_up(NUMBER) == JANA


def test_a_certificate_that_nobody_vouches_for_is_refused(far_end: Register, tmp_path: Path) -> None:
    certificate = tmp_path / "server.pem"
    certificate.write_bytes(self_signed("localhost"))
    far_end.encrypt(str(certificate))
    with pytest.raises(RegisterAway, match="SSLError"):
        client(far_end)._found(NUMBER, dict)
    assert far_end.asked == []
    assert client(far_end, ca_file=str(certificate)).look_up(NUMBER) == JANA
    with pytest.raises(RegisterAway):  # the right certificate, of another name
        client(far_end.url.replace("localhost", "127.0.0.1"), ca_file=str(certificate)).look_up(NUMBER)


def self_signed(name: str) -> bytes:
    """A certificate and its key in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
