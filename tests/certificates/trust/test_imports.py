"""Lists of other states' signers: what is new is trusted, what is gone is not, and what is odd is said line by line."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert.signing import KeySigner, signed
from certificates.hcert.verification import verify
from certificates.keys import profiles, withdrawal
from certificates.models import ListReading, SignerCertificate
from certificates.trust import formats, publication, signers
from certificates.trust.errors import TrustListRefused
from certificates.trust.formats import TrustList
from certificates.trust.freshness import freshness
from certificates.trust.imports import Outcome, forget_source, import_list
from tests.certificates.checking.codes import vaccination as ours
from tests.factories import NOW, authority_pair, make_signing_key, signer_pair

pytestmark = pytest.mark.django_db


@lru_cache
def der(number: int) -> bytes:
    return signer_pair(100 + number, NOW)[1].public_bytes(Encoding.DER)


def text(number: int) -> str:
    return base64.b64encode(der(number)).decode()


def pem(number: int) -> str:
    return signer_pair(100 + number, NOW)[1].public_bytes(Encoding.PEM).decode()


def kid(number: int) -> str:
    return SignerCertificate.of(signer_pair(100 + number, NOW)[1]).kid


def take(*numbers: int, source: str = "EU", now: datetime = NOW, dated: datetime = NOW, **options: Any) -> Outcome:
    """Import a list of these signers."""
    content = [{"kid": kid(number), "country": "CZ", "rawData": text(number)} for number in numbers]
    trust_list = formats.read_data(json.dumps(content).encode(), "list.json")
    trust_list.issued_at = dated
    return import_list(trust_list=trust_list, source=source, now=now, progress=lambda *_: None, **options)


def on_the_list(now: datetime = NOW) -> set[str]:
    return set(SignerCertificate.objects.trusted(now).values_list("kid", flat=True))


GATEWAY = [
    {
        "kid": "x",
        "country": "CZ",
        "certificateType": "DSC",
        "rawData": text(1),
        "timestamp": "2022-02-14T10:46:28+01:00",
    },
    {"kid": "y", "country": "CZ", "certificateType": "CSCA", "rawData": text(2)},
    {"kid": "z", "country": "CZ", "certificateType": "UPLOAD", "rawData": text(3)},
]
LISTS: list[bytes] = [
    json.dumps([{"kid": "k", "certificate": text(1)}]).encode(),
    json.dumps(GATEWAY).encode(),
    json.dumps({"certificates": GATEWAY}).encode(),
    # As one state signs its list: the signature alone in the first line.
    base64.b64encode(bytes(64)) + b"\n" + json.dumps({"certificates": GATEWAY}).encode(),
    json.dumps({"CZ": {"keys": [{"kid": "k", "x5c": [text(1), text(2)]}]}}).encode(),
    json.dumps({"certificatesDCC": {kid(1): text(1)}}).encode(),
    b"\xef\xbb\xbf" + json.dumps([{"certificate": pem(1)}]).encode(),
    pem(1).encode(),
    b"\xef\xbb\xbf" + pem(1).replace("\n", "\r\n").encode(),
    f"Subject: DSC\n{pem(1)}".encode(),
    pem(1).encode("utf-16"),
    text(1).encode(),
    der(1),
]


@pytest.mark.parametrize("data", LISTS, ids=count())
def test_a_list_is_read_as_it_is_published(data: bytes) -> None:
    found = formats.read_data(data, "list")
    assert [entry.der for entry in found.entries] == [der(1)]
    assert found.problems == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        *((data, "is no trust list") for data in (b"hello", b"[" * 100_000, b"\xff\xfe\x00", b"{", b"\x00" * 50)),
        pytest.param(b"9" * 5000, "is no trust list", id="9"),
        (b"", "is empty"),
        (b"<html>", "is a page of the web"),
    ],
)
def test_what_is_no_list_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(TrustListRefused, match=rf"list\.json {words}"):
        formats.read_data(data, "list.json")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2027-01-10T10:00:00Z", datetime(2027, 1, 10, 10, tzinfo=UTC)), (0, datetime(1970, 1, 1, tzinfo=UTC))]
    + [(odd, None) for odd in ("soon", True, None, -1, [1])],
)
def test_the_dates_of_a_list_are_its_own(value: object, expected: datetime | None) -> None:
    found = formats.read_data(json.dumps({"issuedAt": value, "expires_at": value, "signers": []}).encode(), "list")
    assert (found.issued_at, found.expires_at) == (expected, expected)


def test_a_file_without_a_date_has_that_of_its_last_change(tmp_path: Path) -> None:
    file = tmp_path / "list.pem"
    file.write_text(pem(1) + pem(2))
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    found = formats.read_path(file)
    assert (found.issued_at, len(found.entries)) == (NOW, 2)
    with pytest.raises(TrustListRefused, match="cannot be read"):
        formats.read_path(tmp_path / "missing")


def test_a_folder_of_certificates_is_read_with_what_is_below_it(tmp_path: Path) -> None:
    (tmp_path / "CZ").mkdir()
    (tmp_path / "CZ" / "one.pem").write_text(pem(1))
    (tmp_path / "two.der").write_bytes(der(2))
    (tmp_path / "README.md").write_text("Signers")
    (tmp_path / ".hidden").write_text(pem(3))
    found = formats.read_path(tmp_path)
    by_label = {entry.label: (entry.der, entry.country) for entry in found.entries}
    assert by_label == {"CZ/one.pem": (der(1), "CZ"), "two.der": (der(2), "")}
    assert found.problems == ["README.md: no certificate in it"]


def test_what_a_full_list_lacks_is_withdrawn_and_may_come_back_as_a_new_row() -> None:
    assert take(1, 2, 3).added == 3
    outcome = take(1, 2)
    assert (outcome.known, outcome.withdrawn) == (2, 1)
    assert on_the_list() == {kid(1), kid(2)}
    before = SignerCertificate.objects.latest("pk").pk
    assert take(1, 2, 3).returned == 1
    # Verifiers ask for what comes after the last row that they have.
    assert SignerCertificate.objects.get(kid=kid(3)).pk > before
    again = take(1, 2, 3)
    assert (again.known, again.added, again.withdrawn, again.returned) == (3, 0, 0, 0)


def test_a_part_of_a_list_withdraws_nothing_and_makes_nothing_fresh() -> None:
    take(1, 2, 3)
    assert take(4, is_partial=True).added == 1
    assert len(on_the_list()) == 4
    assert ListReading.objects.count() == 1


@pytest.mark.parametrize(("numbers", "reason"), [((), "no signer"), ((1,), "lacks 2 of 3")])
def test_a_list_that_lost_much_is_refused_unless_it_is_forced(numbers: tuple[int, ...], reason: str) -> None:
    take(1, 2, 3)
    with pytest.raises(TrustListRefused, match=reason):
        take(*numbers)
    assert len(on_the_list()) == 3
    assert take(*numbers, is_forced=True).withdrawn == 3 - len(numbers)


def test_sources_are_kept_apart_and_ours_are_left_alone() -> None:
    key = make_signing_key()
    take(1, 2, source="EU")
    assert take(2, 3, source="CH").known == 1
    assert take(1, 2, source="EU").withdrawn == 0
    assert on_the_list() == {key.signer.kid, kid(1), kid(2), kid(3)}
    assert forget_source(source="EU", now=NOW) == 2
    assert on_the_list() == {key.signer.kid, kid(3)}
    assert [reading.source for reading in ListReading.objects.all()] == ["CH"]


def test_a_signer_that_somebody_withdrew_does_not_come_back() -> None:
    take(1, 2)
    withdrawal.withdraw(signer=SignerCertificate.objects.get(kid=kid(1)), reason="misused", now=NOW)
    outcome = take(1, 2)
    assert any("misused" in note for note in outcome.notes)
    assert on_the_list() == {kid(2)}


def test_our_own_signer_on_their_list_stays_ours() -> None:
    key = make_signing_key()
    entry = {"rawData": base64.b64encode(bytes(key.signer.der)).decode()}
    trust_list = formats.read_data(json.dumps([entry]).encode(), "list")
    assert import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None).known == 1
    key.signer.refresh_from_db()
    assert key.signer.origin == SignerCertificate.Origin.OWN


def made(
    key: Any,
    *extensions: x509.ExtensionType,
    country: str = "SK",
    days: int = 700,
    before: datetime = NOW,
    name: x509.Name | None = None,
) -> dict[str, str]:
    """An entry with a certificate over `key`."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(profiles.name("DSC", country) if name is None else name)
        .issuer_name(authority_pair()[1].subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(before)
        .not_valid_after(NOW + timedelta(days=days))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    certificate = builder.sign(authority_pair()[0], SHA256())
    return {"country": "SK", "rawData": base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()}


def broken(number: str, value: bytes) -> x509.ExtensionType:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(number), value)


# Digital signatures and signatures of certificates.
USAGE_OF_BOTH = x509.KeyUsage(True, False, False, False, False, True, False, False, False)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: {"kid": "k", "publicKey": "MFkw"}, "only a key"),
        (lambda: {"kid": "k", "rawData": "%%%"}, "not base64"),
        (lambda: {"kid": "k", "rawData": "MAA="}, "cannot be read"),
        (lambda: {"rawData": base64.b64encode(der(1)[:-9]).decode()}, "cannot be read"),
        (lambda: {"rawData": base64.b64encode(b"\x30" + bytes(20_000)).decode()}, "longer than"),
        (lambda: made(rsa.generate_private_key(65537, 1024)), "RSA of 1024 bits"),  # noqa: S505
        (lambda: made(ec.generate_private_key(ec.SECP521R1())), "secp521r1"),
        (lambda: made(ed25519.Ed25519PrivateKey.generate()), "another kind"),
        (lambda: {"rawData": base64.b64encode(authority_pair()[1].public_bytes(Encoding.DER)).decode()}, "authority"),
        (lambda: made(profiles.new_private_key(), x509.BasicConstraints(ca=True, path_length=0)), "authority"),
        (lambda: made(profiles.new_private_key(), USAGE_OF_BOTH), "authority"),
        (lambda: made(profiles.new_private_key(), broken("2.5.29.37", b"\x30" * 300)), "what it may sign"),
    ],
)
def test_what_cannot_be_trusted_is_said_and_the_rest_is_taken(make: Callable[[], dict[str, str]], reason: str) -> None:
    content = json.dumps([make(), {"rawData": text(9)}]).encode()
    trust_list = formats.read_data(content, "list")
    outcome = import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None)
    assert (outcome.added, len(outcome.problems)) == (1, 1)
    assert reason in outcome.problems[0]
    assert outcome.problems[0].startswith("entry 1")


@pytest.mark.parametrize("value", [b"\x30\x04\xa3\x02\x30\x00", b"\x30\x02\xff\x00"], ids=["X.400", "broken"])
def test_a_signer_with_a_name_that_nobody_can_read_ends_no_import(value: bytes) -> None:
    key = profiles.new_private_key()
    content = json.dumps([made(key, broken("2.5.29.17", value))]).encode()
    trust_list = formats.read_data(content, "list")
    assert import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None).added == 1
    row = SignerCertificate.objects.get()
    text = signed(ours(), signer=KeySigner(row.certificate, key), issued_at=NOW, expires_at=NOW + timedelta(1)).text
    assert verify(text, signers.trusted(NOW), NOW).kind == "v"


def test_what_is_odd_is_said_and_taken() -> None:
    entries = [
        {"country": "DE", "kid": "AAAAAAAAAAA=", "rawData": text(5)},
        made(ec.generate_private_key(ec.SECP384R1()), days=-1, before=NOW - timedelta(days=9)),
    ]
    trust_list = formats.read_data(json.dumps(entries).encode(), "list")
    outcome = import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None)
    assert (outcome.added, outcome.problems) == (2, [])
    said = "\n".join(outcome.notes)
    assert "list says state DE, the certificate CZ" in said
    assert f"its bytes give {kid(5)}" in said
    assert "it ended on" in said
    assert SignerCertificate.objects.get(kid=kid(5)).country == "CZ"


def made_without_a_state(country: str) -> dict[str, str]:
    return {**made(profiles.new_private_key(), country="DE", name=x509.Name([])), "country": country}


@pytest.mark.parametrize(("stated", "expected"), [(" sk", "SK"), ("Slovakia", ""), ("", "")])
def test_a_certificate_that_names_no_state_has_that_of_the_list(stated: str, expected: str) -> None:
    trust_list = formats.read_data(json.dumps([made_without_a_state(stated)]).encode(), "list")
    outcome = import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None)
    assert (outcome.added, len(outcome.notes)) == (1, 0 if expected else 1)
    assert SignerCertificate.objects.get().country == expected


def test_the_age_of_our_knowledge_is_that_of_the_oldest_source() -> None:
    assert freshness(NOW).trust is None
    assert not freshness(NOW).is_old
    take(1, source="EU", dated=NOW - timedelta(days=9))
    take(1, source="EU", dated=NOW - timedelta(hours=30))
    take(2, source="CH", dated=NOW)
    trust = freshness(NOW).trust
    assert trust
    assert (trust.source, trust.age, trust.is_old) == ("EU", timedelta(hours=30), False)
    assert freshness(NOW + timedelta(hours=20)).is_old
    assert freshness(NOW).revocation is None


def test_a_list_that_says_when_it_ends_is_old_from_then_on() -> None:
    trust_list = TrustList(formats.read_data(text(1).encode(), "list").entries, issued_at=NOW, expires_at=NOW)
    import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None)
    assert freshness(NOW).is_old


def test_a_list_from_the_future_is_one_of_now() -> None:
    outcome = take(1, dated=NOW + timedelta(days=3))
    assert any("still to come" in note for note in outcome.notes)
    assert ListReading.objects.get().issued_at == NOW


def test_an_old_list_brings_nobody_back_unless_it_is_forced() -> None:
    month_ago = NOW - timedelta(days=30)
    take(1, 2, 3, 4, now=month_ago, dated=month_ago)
    take(1, 2, 3, dated=NOW - timedelta(hours=1))
    for is_partial in (False, True):
        with pytest.raises(TrustListRefused, match="is dated 2026-12-12"):
            take(1, 2, 3, 4, dated=month_ago, is_partial=is_partial)
    assert on_the_list() == {kid(1), kid(2), kid(3)}
    assert take(4, 5, source="another", dated=month_ago).added == 1
    # What was forced is what we know now, however old it is.
    assert take(1, 2, 3, 4, dated=month_ago, now=NOW + timedelta(minutes=1), is_forced=True).known == 4
    assert freshness(NOW + timedelta(minutes=2)).is_old


def test_a_list_that_is_over_is_old_though_another_one_is_older() -> None:
    trust_list = formats.read_data(json.dumps([{"rawData": text(1)}]).encode(), "list.json")
    trust_list.issued_at, trust_list.expires_at = NOW - timedelta(hours=1), NOW - timedelta(minutes=5)
    import_list(trust_list=trust_list, source="A", now=NOW, progress=lambda *_: None)
    take(2, source="B", dated=NOW - timedelta(hours=2))
    age = freshness(NOW).trust
    assert age is not None
    assert (age.source, age.is_old) == ("A", True)


def test_a_signer_that_cannot_be_read_ends_neither_verifying_nor_the_lists(caplog: pytest.LogCaptureFixture) -> None:
    take(1)
    SignerCertificate.objects.create(
        origin="IMPORTED",
        kid="BROKEN",
        der=b"\x30\x03\x02\x01\x01",
        sha256="0" * 64,
        not_before=NOW,
        not_after=NOW + timedelta(days=1),
        added_at=NOW,
    )
    assert len(signers.trusted(NOW).of(base64.b64decode(kid(1)))) == 1
    assert [row.kid for row, _certificate in signers.listed(NOW)] == [kid(1)]
    version = publication.version(NOW)
    assert b"BROKEN" not in publication.as_pem(version, NOW) + publication.as_json(version, NOW)
    assert "BROKEN" in caplog.text


def test_the_version_of_the_list_follows_every_change() -> None:
    versions = [signers.version_of_list(NOW)]
    for change in (
        lambda: take(1, 2, 3),
        lambda: take(1, 2),
        lambda: take(1, 2, 3),
        lambda: SignerCertificate.objects.filter(kid=kid(1)).update(
            withdrawn_at=NOW - timedelta(minutes=1), withdrawal_reason="stolen"
        ),
    ):
        change()
        versions.append(signers.version_of_list(NOW))
    assert len(set(versions)) == len(versions)
