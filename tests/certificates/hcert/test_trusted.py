"""The index of trusted signers."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert.trusted import TrustedSigner, TrustedSigners, country_of, kid_of
from tests.certificates.hcert import signers


def test_a_signer_is_found_by_the_first_bytes_of_its_hash() -> None:
    one, other = signers.certificate(), signers.certificate(signers.key("other"))
    index = TrustedSigners([one, other])
    kid = hashlib.sha256(other.public_bytes(Encoding.DER)).digest()[:8]
    assert kid_of(other) == kid
    assert [found.certificate for found in index.of(kid)] == [other]
    assert list(index.of(b"")) == []
    assert [found.certificate for found in index.of(kid_of(one))] == [one]


def test_a_certificate_says_its_state_and_its_purposes() -> None:
    assert country_of(signers.certificate(country="SK")) == "SK"
    assert country_of(signers.certificate(country="")) == ""
    assert TrustedSigner(signers.certificate(purposes=[signers.PURPOSES["r"]])).purposes == {"r"}
    assert TrustedSigner(signers.certificate()).purposes == {"v", "t", "r"}


BROKEN_EXTENSIONS = {
    "alternative names": ("2.5.29.17", b"\x30\x02\xff\x00"),
    "alternative names of X.400": ("2.5.29.17", b"\x30\x04\xa3\x02\x30\x00"),
    "addresses of revocations": ("2.5.29.31", b"\x30\x01"),
    "policies": ("2.5.29.32", b"\x05\x00"),
}


@pytest.mark.parametrize("name", BROKEN_EXTENSIONS)
@pytest.mark.parametrize("is_critical", [False, True])
def test_a_broken_extension_opens_no_other_purpose(name: str, is_critical: bool) -> None:
    number, value = BROKEN_EXTENSIONS[name]
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier(number), value)
    of = signers.certificate(purposes=[signers.PURPOSES["t"]], other=broken, is_critical=is_critical)
    assert TrustedSigner(of).purposes == {"t"}
    assert TrustedSigner(signers.certificate(other=broken)).purposes == {"v", "t", "r"}


@pytest.mark.parametrize(
    ("usage", "purposes"),
    [(b"\x30\x00", {"v", "t", "r"}), (b"\x30\x02\x06\x05", {"v", "t", "r"}), (b"\x30" * 200, set("vtr"))],
)
def test_a_list_of_usages_that_names_none_of_the_eus_restricts_nothing(usage: bytes, purposes: set[str]) -> None:
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), usage)
    assert TrustedSigner(signers.certificate(other=broken)).purposes == purposes


def test_a_signer_whose_usages_cannot_be_found_may_sign_nothing() -> None:
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), b"\x30" * 300)
    assert TrustedSigner(signers.certificate(other=broken)).purposes == frozenset()
