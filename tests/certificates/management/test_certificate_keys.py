"""The command over the keys: it says what it did, and never a private key."""

import io
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from certificates.models import Certificate, KeyRequest, SignerCertificate, SigningKey
from tests.factories import (
    NOW,
    authority_pair,
    make_account,
    make_certificate,
    make_dose,
    make_open_vial,
    make_signing_key,
    make_site,
    make_visit,
    signer_certificate_of,
    signer_pair,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("certificate_keys", *arguments, stdout=out, **options)
    assert "PRIVATE" not in out.getvalue()
    return out.getvalue()


def test_a_local_run_gets_its_authority_and_its_first_signer() -> None:
    assert "signs until" in run("create", "--dry-run")
    assert not SigningKey.objects.exists()
    run("create")
    assert SigningKey.objects.count() == 2
    with pytest.raises(CommandError, match="rotate"):
        run("create")


def test_elsewhere_an_authority_of_our_own_is_made_only_when_it_is_meant(settings: Settings) -> None:
    settings.IS_LOCAL = False
    with pytest.raises(CommandError, match="--force"):
        run("create")
    run("create", "--force")


def test_a_rotation_hands_over_and_a_dry_run_does_not() -> None:
    with pytest.raises(CommandError, match="no key yet"):
        run("rotate")
    run("create")
    first = SigningKey.objects.get(signer__is_authority=False)
    run("rotate", "--dry-run")
    assert SigningKey.objects.signing(timezone.now()).get() == first
    assert first.signer.kid in run("rotate")
    assert SigningKey.objects.signing(timezone.now()).get() != first


def test_the_list_says_what_to_do_and_fails_while_there_is_something() -> None:
    with pytest.raises(CommandError, match="something to be done"):
        run("list")
    key = make_signing_key()
    shown = run("list")
    assert f"{key.signer.kid}" in shown
    assert "signs" in shown
    assert "nothing is to be done" in shown
    SignerCertificate.objects.update(withdrawn_at=NOW, withdrawal_reason="x")
    with pytest.raises(CommandError):
        run("list", "--all", stderr=io.StringIO())


def test_a_request_is_answered_and_its_key_never_leaves(tmp_path: Path) -> None:
    file = tmp_path / "request.pem"
    assert "DSC 9" in run("request", "--common-name", "DSC 9", "--out", str(file))
    request = x509.load_pem_x509_csr(file.read_bytes())
    key = request.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    _key, authority = authority_pair()
    certificate = signer_certificate_of(key, subject=request.subject)
    answer, csca = tmp_path / "dsc.der", tmp_path / "csca.pem"
    answer.write_bytes(certificate.public_bytes(Encoding.DER))
    csca.write_bytes(authority.public_bytes(Encoding.PEM))
    run("import", str(answer), "--authority", str(csca), "--dry-run")
    assert KeyRequest.objects.exists()
    run("import", str(answer), "--authority", str(csca))
    assert SigningKey.objects.get().signer.certificate == certificate
    assert "-----BEGIN CERTIFICATE REQUEST-----" in run("request")


def test_a_key_with_a_passphrase_is_imported_to_begin_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = signer_pair(61, NOW)
    sealed = BestAvailableEncryption("tři slova".encode())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed))
    (tmp_path / "dsc.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "passphrase").write_bytes(b"\xef\xbb\xbf" + "tři slova\r\n".encode())
    files = (str(tmp_path / "dsc.pem"), "--key", str(tmp_path / "key.pem"))
    with pytest.raises(CommandError, match="--passphrase-file"):
        run("import", *files)
    monkeypatch.setattr("certificates.management.commands.certificate_keys.getpass", lambda question: "tři slova")
    run("import", *files, "--ask-passphrase", "--dry-run")
    run("import", *files, "--passphrase-file", str(tmp_path / "passphrase"), "--signs-from", "2027-02-01T06:00")
    assert SigningKey.objects.get().signs_from.isoformat() == "2027-02-01T05:00:00+00:00"


def test_a_certificate_comes_from_the_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pem = signer_pair(62, NOW)[1].public_bytes(Encoding.PEM)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pem)))
    with pytest.raises(CommandError, match="--key FILE"):
        run("import", "-")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("import", "missing.pem"), "cannot be read"),
        (("import", "{file}", "--signs-from", "soon"), "no time"),
        (("import", "{file}", "--signs-from", "2027-02-31T06:00"), "no time"),
        (("import", "{file}", "--key", "{file}", "--kept-by", "hsm"), "exclude each other"),
        (("import", "{file}", "--kept-by", "hsm"), "SIGNER_BACKENDS"),
        (("withdraw", "AAAAAAAAAAA=", "--reason", "x"), "No signer"),
        (("withdraw", "AAAAAAAAAAA=", "--reason", "  "), "a reason has"),
        (("rotate", "--by", "nobody"), "no login"),
        (("request", "--common-name", "x" * 65), "at most 64"),
        (("request", "--out", "/nowhere/x"), "cannot be written"),
    ],
)
def test_what_is_of_no_use_is_refused_in_words(tmp_path: Path, arguments: tuple[str, ...], reason: str) -> None:
    file = tmp_path / "dsc.pem"
    file.write_bytes(signer_pair(63, NOW)[1].public_bytes(Encoding.PEM))
    with pytest.raises(CommandError, match=reason):
        run(*(argument.format(file=file) for argument in arguments))
    assert not KeyRequest.objects.exists()


def test_a_withdrawal_says_what_it_ends_and_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    key = make_signing_key()
    withdraw = ("withdraw", key.signer.kid, "--reason", "stolen")
    with pytest.raises(CommandError, match="--yes"):
        run(*withdraw)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "no")
    with pytest.raises(CommandError, match="Nothing was done"):
        run(*withdraw)
    run(*withdraw, "--dry-run", stderr=io.StringIO())
    assert not SignerCertificate.objects.get().withdrawn_at
    later = NOW + timedelta(minutes=3)

    def answered(question: str) -> str:
        assert "0 living certificates" in question
        monkeypatch.setattr(timezone, "now", lambda: later)
        return key.signer.kid

    monkeypatch.setattr("builtins.input", answered)
    run(*withdraw, stderr=io.StringIO())
    row = SignerCertificate.objects.get()
    # When it happened, not when the operator was asked: verifiers who asked meanwhile would never hear of it.
    assert row.withdrawn_at == later
    assert row.withdrawal_reason == "stolen"


def test_a_withdrawal_says_how_what_was_signed_is_revoked() -> None:
    site = make_site()
    certificate = make_certificate(make_dose(make_visit(site=site), make_open_vial(site)))
    said, kid = io.StringIO(), certificate.signer.kid
    run("withdraw", kid, "--reason", "stolen", "--yes", stderr=said)
    assert f"manage.py revoke --key {kid} --reason key" in said.getvalue()
    call_command("revoke", "--key", kid, "--reason", "key", "--yes", stdout=io.StringIO())
    assert not Certificate.objects.living().exists()


def test_a_request_never_goes_over_another_file_and_is_given_up_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "request.pem"
    run("request", "--out", str(file))
    text = file.read_text()
    with pytest.raises(CommandError, match="there already"):
        run("request", "--out", str(file))
    assert file.read_text() == text
    request = KeyRequest.objects.get()
    make_signing_key()
    assert f"{request}  " in run("list")
    run("request", "--drop", str(request.pk), "--dry-run")
    run("request", "--drop", str(request.pk))
    assert not KeyRequest.objects.exists()


def test_the_history_tells_who_made_and_who_withdrew_a_key() -> None:
    eva = make_account("eva")
    run("create", "--by", "eva")
    key = SigningKey.objects.get(signer__is_authority=False)
    run("withdraw", key.signer.kid, "--reason", "stolen", "--yes", "--by", "eva", stderr=io.StringIO())
    made, withdrawn = key.signer.events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert made.pgh_context.metadata == {"operation": "certificates.create_key", "user": eva.pk}
    said = {"operation": "certificates.withdraw_signer", "user": eva.pk, "reason": "stolen"}
    assert withdrawn.pgh_context.metadata == said


def test_all_private_keys_are_encrypted_anew() -> None:
    run("create")
    assert "private keys  2" in run("reencrypt")
    assert "dry run" in run("reencrypt", "--dry-run")
