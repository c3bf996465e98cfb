"""Other states' lists are taken over whole or not at all, and counted for their own certificates only."""

import base64
import contextlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from certificates.hcert.refusals import Genuine
from certificates.hcert.signing import Signer
from certificates.models import Certificate, ListReading, RevocationBatch, RevokedHash
from certificates.revocation import batches, publication, revoking, signed_message, sources
from certificates.revocation.batches import Broken
from certificates.revocation.imports import Imported, import_revocations
from certificates.revocation.lists import is_revoked
from certificates.revocation.publication import written
from tests.certificates.revocation.conftest import batch_of, pem_of, signer_of
from tests.factories import NOW
from tests.race import race

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
UVCI = "URN:UVCI:01:DE:1"
HASH = sha256(UVCI.encode()).digest()[:16]


def _list(*rows: dict[str, Any], more: bool = False) -> bytes:
    return json.dumps({"more": more, "batches": list(rows)}).encode()


def _row(batch_id: str, **fields: Any) -> dict[str, Any]:
    values = {"batchId": batch_id, "country": "DE", "date": written(NOW - timedelta(days=1)), "deleted": False}
    return values | fields


def _import(path: Path, **more: Any) -> Imported:
    return import_revocations(source=sources.Folder(path), signers=more.pop("signers", []), now=NOW, **more)


def _genuine(signer: Signer, uvci: str = UVCI, country: str = "DE", claimed_country: str = "") -> Genuine:
    return Genuine(
        payload={},
        country=country,
        claimed_country=claimed_country,
        issued_at=None,
        expires_at=None,
        kid=signer.kid,
        signer=signer.certificate,
        algorithm=-7,
        signature=bytes(64),
        kind="v",
        entries=({"ci": uvci},),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway's answers as somebody saved them: the list, and two batches of Germany."""
    (tmp_path / "list.json").write_bytes(_list(_row("one"), _row("two")))
    (tmp_path / "one.json").write_bytes(batch_of(HASH))
    (tmp_path / "two").write_bytes(batch_of(bytes(range(16)), hashType="SIGNATURE"))
    return tmp_path


def test_a_certificate_on_the_list_is_revoked(folder: Path, foreign_signer: Signer) -> None:
    result = _import(folder)
    assert (result.new, result.new_hashes, result.problems) == (2, 2, [])
    assert is_revoked(_genuine(foreign_signer), NOW)
    row = RevokedHash.objects.get(hash=HASH)
    assert (row.country, row.hash_type, row.certificate_id) == ("DE", "UCI", None)


def test_a_hash_counts_for_its_state_and_its_type_only(folder: Path, foreign_signer: Signer) -> None:
    _import(folder)
    assert not is_revoked(_genuine(foreign_signer, country="FR"), NOW)
    assert not is_revoked(_genuine(foreign_signer, uvci="URN:UVCI:01:DE:2"), NOW)
    assert is_revoked(_genuine(foreign_signer), NOW)
    assert is_revoked(_genuine(foreign_signer, country=""), NOW)  # of whom nobody knows
    RevokedHash.objects.filter(hash=HASH).update(hash_type="SIGNATURE")
    assert not is_revoked(_genuine(foreign_signer), NOW)


def test_a_hash_counts_under_any_key_for_the_name_of_the_key_can_be_changed(
    folder: Path, foreign_signer: Signer
) -> None:
    """The kid may stand outside of what is signed, and two certificates may be of one key."""
    _import(folder)
    RevokedHash.objects.update(kid=base64.b64encode(bytes(8)).decode())
    assert is_revoked(_genuine(foreign_signer), NOW)


@pytest.mark.parametrize(
    ("country", "claimed", "listed"),
    [("FR", "DE", "DE"), ("DE", "FR", "DE"), ("GR", "", "EL"), ("EL", "GR", "GR")],
)
def test_a_hash_counts_for_the_signers_state_and_the_claimed_one_however_they_are_written(
    tmp_path: Path, foreign_signer: Signer, country: str, claimed: str, listed: str
) -> None:
    one = _genuine(foreign_signer, country=country, claimed_country=claimed)
    for hash_type, hashed in (("UCI", UVCI), ("COUNTRYCODEUCI", listed + UVCI)):
        (tmp_path / "list.json").write_bytes(_list(_row(hash_type, country=listed)))
        batch = batch_of(sha256(hashed.encode()).digest()[:16], country=listed, hashType=hash_type)
        (tmp_path / f"{hash_type}.json").write_bytes(batch)
        _import(tmp_path)
        assert is_revoked(one, NOW)
        RevokedHash.objects.all().delete()


def test_a_hash_counts_until_its_batch_expires(folder: Path, foreign_signer: Signer) -> None:
    _import(folder)
    assert is_revoked(_genuine(foreign_signer), NOW + timedelta(days=30))  # as for the certificate itself
    assert not is_revoked(_genuine(foreign_signer), NOW + timedelta(days=30, seconds=1))


def test_reading_twice_changes_nothing(folder: Path) -> None:
    _import(folder)
    again = _import(folder)
    assert (again.new, again.known) == (0, 2)
    assert RevokedHash.objects.count() == 2


def test_a_deleted_batch_is_removed_and_an_older_list_does_not_bring_it_back(folder: Path) -> None:
    _import(folder)
    (folder / "list.json").write_bytes(_list(_row("one", deleted=True), _row("two")))
    assert _import(folder).removed == 1
    assert RevokedHash.objects.count() == 1
    (folder / "list.json").write_bytes(_list(_row("one"), _row("two")))
    assert (_import(folder).known, RevokedHash.objects.count()) == (2, 1)


def test_a_batch_with_a_later_date_takes_the_place_of_the_earlier_one(folder: Path) -> None:
    _import(folder)
    (folder / "list.json").write_bytes(_list(_row("one", date=written(NOW)), _row("two")))
    (folder / "one.json").write_bytes(batch_of(bytes(16), bytes([1] * 16)))
    assert _import(folder).new_hashes == 2
    assert RevokedHash.objects.count() == 3


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    assert _import(folder, is_dry_run=True).new == 2
    assert not RevocationBatch.objects.exists()
    assert not ListReading.objects.exists()


def test_how_old_the_list_is_is_kept(folder: Path) -> None:
    saved_at = NOW - timedelta(days=3)
    for file in folder.iterdir():
        os.utime(file, (saved_at.timestamp(), saved_at.timestamp()))
    _import(folder)
    reading = ListReading.objects.get()
    assert (reading.kind, reading.issued_at, reading.read_at, reading.entries) == ("REVOCATION", saved_at, NOW, 2)


def test_our_own_list_and_expired_batches_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_bytes(_list(_row("ours", country="CZ"), _row("old"), _row("lied")))
    (tmp_path / "old.json").write_bytes(batch_of(expires="2022-01-01T00:00:00Z"))
    (tmp_path / "lied.json").write_bytes(batch_of(country="CZ"))
    result = _import(tmp_path)
    assert (result.ours, result.expired, result.new) == (1, 1, 0)
    assert "one of CZ" in result.problems[0]


BROKEN = {
    "no JSON": b"{",
    "neither JSON": b"\xff\xfe\x00!",
    "no signed message": base64.b64encode(b"\x30\x03abc"),
    "1 to 1,000 entries": batch_of(entries=[]),
    "1 to 1,000": batch_of(entries=[{"hash": "AAAAAAAAAAAAAAAAAAAAAA=="}] * 1_001),
    "not 16 bytes": batch_of(entries=[{"hash": "AAAA"}]),
    "hash in it": batch_of(entries=["x", {"hash": None}]),
    "none of UCI": batch_of(hashType="MD5"),
    "two capital letters": batch_of(country="de"),
    "kid is not 8 bytes": batch_of(kid="AAAA"),
    "not written as": batch_of(expires="tomorrow"),
    "is not written as": batch_of(expires="9999-12-31T23:59:59-12:00"),
    "longer than": batch_of(note="x" * batches.LONGEST_BATCH),
    "no JSON object": base64.b64encode(b"[]"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_batch_is_told_and_left_out_whole(folder: Path, why: str) -> None:
    (folder / "one.json").write_bytes(BROKEN[why])
    result = _import(folder)
    assert (result.new, len(result.problems)) == (1, 1)
    assert result.problems[0].startswith("one: ")
    if why != "no JSON object":
        assert why in result.problems[0]
    assert not RevokedHash.objects.filter(batch__batch_id="one").exists()


def test_deep_json_is_refused() -> None:
    with pytest.raises(Broken):
        batches.batch(b'{"a":' + b"[" * 100_000, signers=[])


@pytest.mark.parametrize(
    "rows", [[_row("../etc/passwd")], [_row("a" * 65)], ["x"], [_row("a", date=5)], [_row("a")] * 1_001]
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, rows: list[Any]) -> None:
    (tmp_path / "list.json").write_bytes(_list(*rows))
    with pytest.raises(Broken):
        _import(tmp_path)


@pytest.mark.parametrize("form", ["der", "base64", "frame", "windows"])
def test_a_signed_batch_is_read_in_every_form_it_comes_in(folder: Path, foreign_signer: Signer, form: str) -> None:
    signed = signed_message.sign(batch_of(HASH), signer=foreign_signer)
    text = base64.encodebytes(signed)
    data = {
        "der": signed,
        "base64": base64.b64encode(signed),
        "frame": b"-----BEGIN CMS-----\n" + text + b"-----END CMS-----\n",
        "windows": b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
    }[form]
    assert batches.batch(data, signers=[foreign_signer.certificate]).hashes == (HASH,)


def test_a_signature_that_ends_as_a_space_is_written_is_read_whole(foreign_signer: Signer) -> None:
    attempts = (signed_message.sign(batch_of(HASH), signer=foreign_signer) for _ in range(2_000))
    data = next(signed for signed in attempts if signed[-1:].isspace())
    assert batches.batch(data, signers=[foreign_signer.certificate]).hashes == (HASH,)


def test_with_signers_only_what_they_have_signed_for_their_state_is_taken(foreign_signer: Signer) -> None:
    signers = [foreign_signer.certificate]
    with pytest.raises(Broken, match="not signed"):
        batches.batch(batch_of(), signers=signers)
    with pytest.raises(Broken, match="None of the given signers"):
        batches.batch(signed_message.sign(batch_of(), signer=signer_of("FR")), signers=signers)
    with pytest.raises(Broken, match="A signer of DE signed hashes of FR"):
        batches.batch(signed_message.sign(batch_of(country="FR"), signer=foreign_signer), signers=signers)
    greece = signer_of("GR")
    signed = signed_message.sign(batch_of(country="EL"), signer=greece)
    assert batches.batch(signed, signers=[greece.certificate]).country == "EL"
    gateway = signer_of("EU")
    signed = signed_message.sign(batch_of(country="FR"), signer=gateway)
    assert batches.batch(signed, signers=[gateway.certificate]).country == "FR"


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_write_each_batch_once(folder: Path) -> None:
    results = race(*[lambda: _import(folder)] * 3)
    assert sum(result.new for result in results) == 2
    assert RevokedHash.objects.count() == 2


class _Gateway(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, bytes]]] = {}
    pages: ClassVar[list[bytes]] = []
    asked: ClassVar[list[str]] = []
    seconds_between_bytes: ClassVar[float] = 0
    seconds_between_headers: ClassVar[float] = 0

    def do_GET(self) -> None:
        if self.path == "/revocation-list":
            self.asked.append(self.headers["If-Modified-Since"])
            page = len(self.asked) - 1
            status, content = (200, self.pages[page]) if page < len(self.pages) else (204, b"")
        else:
            status, content = self.answers.get(self.path.rpartition("/")[2], (404, b""))
        if self.seconds_between_headers:
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
                    self.wfile.write(bytes([byte]))
                    time.sleep(self.seconds_between_headers)
            return
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not self.seconds_between_bytes:
            self.wfile.write(content)
            return
        with contextlib.suppress(ConnectionError):
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(self.seconds_between_bytes)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    _Gateway.answers.clear()
    _Gateway.pages.clear()
    _Gateway.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Gateway)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/revocation-list"
    server.shutdown()
    server.server_close()


def test_a_gateway_is_read_page_by_page(gateway: str, foreign_signer: Signer) -> None:
    first, second = written(NOW - timedelta(days=2)), written(NOW - timedelta(days=1))
    _Gateway.pages += [_list(_row("one", date=first), more=True), _list(_row("two", date=second), _row("gone"))]
    _Gateway.answers |= {"one": (200, batch_of(HASH)), "two": (200, batch_of()), "gone": (410, b"")}
    result = import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)
    assert (result.new, result.problems) == (2, [])
    assert _Gateway.asked == ["2021-06-01T00:00:00.000Z", first]
    assert ListReading.objects.get().issued_at == NOW


def test_an_empty_gateway_is_a_reading_too(gateway: str) -> None:
    assert import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW).listed == 0
    assert ListReading.objects.get().entries == 0


def test_a_gateway_that_goes_in_circles_is_refused(gateway: str) -> None:
    _Gateway.pages += [_list(_row("one"), more=True)] * 5
    _Gateway.answers["one"] = (200, batch_of())
    with pytest.raises(Broken, match="no further"):
        import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)
    assert not ListReading.objects.exists()


def test_a_silent_gateway_ends_the_import_and_what_was_read_stays(gateway: str) -> None:
    _Gateway.pages.append(_list(_row("one")))
    _Gateway.answers["one"] = (200, batch_of())
    import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)
    with pytest.raises(sources.Unreachable, match="cannot be read"):
        import_revocations(source=sources.Gateway("http://127.0.0.1:9/revocation-list"), signers=[], now=NOW)
    assert RevokedHash.objects.count() == 1


@pytest.mark.parametrize("part", ["bytes", "headers"])
def test_an_answer_in_drops_is_given_up(gateway: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SECONDS_OF_AN_ANSWER", 0.2)
    monkeypatch.setattr(_Gateway, f"seconds_between_{part}", 0.05)
    _Gateway.pages.append(_list(_row("one")))
    with pytest.raises(sources.Unreachable, match="takes longer"):
        import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)


def test_an_answer_without_end_is_cut(gateway: str) -> None:
    _Gateway.pages.append(_list(_row("one"), _row("two")))
    _Gateway.answers |= {"one": (200, b"x" * (batches.LONGEST_BATCH + 1)), "two": (404, b"")}
    result = import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)
    assert [problem.split(": ")[0] for problem in result.problems] == ["one", "two"]
    assert not ListReading.objects.exists()  # what was left out may be what matters


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_gateway_that_hands_out_nothing_was_not_read(gateway: str, status: int) -> None:
    _Gateway.pages.append(_list(_row("one")))
    _Gateway.answers["one"] = (status, b"")
    with pytest.raises(sources.Unreachable, match=f"answered {status}"):
        import_revocations(source=sources.Gateway(gateway), signers=[], now=NOW)
    assert not ListReading.objects.exists()


def test_an_older_folder_makes_our_knowledge_no_older_and_few_readings_are_kept(folder: Path) -> None:
    for day in range(15):
        now = NOW + timedelta(days=day)
        import_revocations(source=sources.Folder(folder), signers=[], now=now, dated=NOW - timedelta(days=day))
    assert ListReading.objects.count() == 10
    assert {reading.issued_at for reading in ListReading.objects.all()} == {NOW}


Command = Callable[..., str]


@pytest.fixture
def command() -> Command:
    def run(*arguments: str) -> str:
        output = StringIO()
        call_command("import_revocations", *arguments, stdout=output, stderr=output)
        return output.getvalue()

    return run


def test_the_command_counts_and_warns_of_unchecked_signatures(folder: Path, command: Command) -> None:
    output = command(str(folder))
    assert "nobody's signature was checked" in output
    assert re.search(r"new +2\n", output)


def test_the_command_fails_where_a_batch_was_left_out(folder: Path, command: Command) -> None:
    (folder / "two").unlink()
    with pytest.raises(CommandError, match="left out: 1"):
        command(str(folder))
    assert RevokedHash.objects.count() == 1


def test_the_command_takes_one_signed_file(tmp_path: Path, command: Command, foreign_signer: Signer) -> None:
    (tmp_path / "batch.cms").write_bytes(signed_message.sign(batch_of(HASH), signer=foreign_signer))
    (tmp_path / "signer.pem").write_bytes(pem_of(foreign_signer.certificate))
    output = command(
        str(tmp_path / "batch.cms"), "--signer", str(tmp_path / "signer.pem"), "--as-of", "2027-01-10T00:00Z"
    )
    assert "signature" not in output
    reading = ListReading.objects.get()
    assert (reading.issued_at, reading.source) == (datetime(2027, 1, 10, tzinfo=UTC), "files")


def test_a_list_has_the_name_that_is_given(folder: Path, command: Command) -> None:
    command(str(folder), "--name", "gateway of the EU")
    assert ListReading.objects.get().source == "gateway of the EU"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["http://gateway.example/revocation-list"], "Use https"),
        (["ftp://gateway.example/revocation-list"], "Only addresses with https://"),
        (["/nowhere"], "no file or folder"),
        ([".", "--signer", "/nowhere"], "cannot be read"),
        ([".", "--signer", "pyproject.toml"], "no certificate"),
        ([".", "--as-of", "3000-01-01T00:00Z"], "in the future"),
        ([".", "--as-of", "yesterday"], "not written as"),
    ],
)
def test_the_command_says_what_is_wrong(command: Command, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        command(*arguments)


@pytest.mark.django_db(transaction=True)
def test_our_own_service_is_read_as_a_gateway(
    certificate: Certificate, live_server: LiveServer, settings: Settings
) -> None:
    """What we publish is what we read of others: here as another state that reads ours."""
    revoking.revoke_in_steps(certificates=Certificate.objects.all(), why=Certificate.Revocation.OTHER, now=NOW)
    publication.publish(now=NOW)
    settings.CERTIFICATE_COUNTRY = "SK"
    signers = [certificate.signer.certificate]
    source = sources.Gateway(f"{live_server.url}/dcc/revocation-list/")
    result = import_revocations(source=source, signers=signers, now=NOW)
    assert (result.new, result.new_hashes, result.problems) == (3, 3, [])
    assert import_revocations(source=source, signers=signers, now=NOW).known == 3
    publication.delete_expired(now=certificate.expires_at + timedelta(seconds=1))
    assert import_revocations(source=source, signers=signers, now=NOW).removed == 3
