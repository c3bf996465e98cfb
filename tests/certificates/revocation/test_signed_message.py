"""Signed messages are those of CMS: others read ours, and we read theirs."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from certificates.hcert.signing import KeySigner, Signer
from certificates.keys import files
from certificates.revocation import signed_message
from certificates.revocation.signed_message import BrokenMessage
from tests.certificates.revocation.conftest import pem_of, signer_of
from tests.factories import signer_pair

CONTENT = b'{"country":"DE"}'


def test_whoever_signed_is_found_and_what_they_signed_is_read(foreign_signer: Signer) -> None:
    message = signed_message.opened(signed_message.sign(CONTENT, signer=foreign_signer))
    assert message.content == CONTENT
    others = [signer_of("FR").certificate, foreign_signer.certificate]
    assert message.signer_among(others) == foreign_signer.certificate


def test_a_message_of_somebody_else_is_refused(foreign_signer: Signer) -> None:
    message = signed_message.opened(signed_message.sign(CONTENT, signer=foreign_signer))
    with pytest.raises(BrokenMessage, match="None of the given signers"):
        message.signer_among([signer_of("DE").certificate])


def test_no_byte_can_be_changed(foreign_signer: Signer) -> None:
    signed = signed_message.sign(CONTENT, signer=foreign_signer)
    at = signed.index(CONTENT) + 3
    changed = signed[:at] + b"X" + signed[at + 1 :]
    with pytest.raises(BrokenMessage):
        signed_message.opened(changed).signer_among([foreign_signer.certificate])


def test_openssl_reads_what_we_sign(tmp_path: Path, foreign_signer: Signer) -> None:
    (tmp_path / "message").write_bytes(signed_message.sign(CONTENT, signer=foreign_signer))
    (tmp_path / "signer.pem").write_bytes(pem_of(foreign_signer.certificate))
    command = "openssl cms -verify -inform DER -in message -certfile signer.pem -noverify"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, CONTENT)


@pytest.mark.parametrize("more", ["", "-stream", "-noattr", "-keyid"])
def test_we_read_what_openssl_signs(tmp_path: Path, more: str) -> None:
    """With `-stream` its lengths are not said beforehand, as in the messages of Java programs."""
    key, certificate = signer_pair(1)
    (tmp_path / "key.pem").write_text(files.private_text(key))
    (tmp_path / "signer.pem").write_bytes(pem_of(certificate))
    (tmp_path / "content").write_bytes(CONTENT)
    command = "openssl cms -sign -nodetach -binary -in content -signer signer.pem -inkey key.pem -outform DER"
    done = subprocess.run(
        [*command.split(), "-md", "sha256", *more.split()], cwd=tmp_path, capture_output=True, check=True
    )
    message = signed_message.opened(done.stdout)
    assert (message.content, message.signer_among([certificate])) == (CONTENT, certificate)


def test_another_digest_is_named(foreign_signer: Signer) -> None:
    signed = signed_message.sign(CONTENT, signer=foreign_signer)
    sha256, sha512 = (bytes.fromhex(f"60864801650304020{number}") for number in (1, 3))
    with pytest.raises(BrokenMessage, match="another digest than SHA-256"):
        signed_message.opened(signed.replace(sha256, sha512))


def test_a_key_elsewhere_signs_as_well() -> None:
    key, certificate = signer_pair(1)
    asked: list[bytes] = []

    class Hsm(KeySigner):
        def sign(self, data: bytes) -> bytes:
            asked.append(data)
            return super().sign(data)

    signed = signed_message.sign(CONTENT, signer=Hsm(certificate, key))
    assert len(asked) == 1
    assert signed_message.opened(signed).signer_among([certificate]) == certificate


@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenMessage):
        signed_message.opened(data)


@given(st.integers(0, 600), st.integers(0, 255))
def test_a_changed_message_is_refused_or_says_the_same(at: int, value: int) -> None:
    certificate, signed = _signed()
    changed = signed[:at] + bytes([value]) + signed[at + 1 :]
    try:
        message = signed_message.opened(changed)
        message.signer_among([certificate])
    except BrokenMessage:
        return
    assert message.content == CONTENT


@pytest.mark.parametrize("data", [b"\x30\x80" * 5_000, b"\x30\x84\xff\xff\xff\xff", b"\x24\x80" * 100_000])
def test_depth_and_lengths_are_bounded(data: bytes) -> None:
    with pytest.raises(BrokenMessage):
        signed_message.opened(data)


def _signed() -> tuple[x509.Certificate, bytes]:
    key, certificate = signer_pair(1)
    return certificate, signed_message.sign(CONTENT, signer=KeySigner(certificate, key))
