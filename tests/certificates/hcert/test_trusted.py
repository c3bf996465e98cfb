"""The index of trusted signers."""

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert.trusted import TrustedSigner, TrustedSigners, country_of, kid_of
from tests.certificates.hcert import signers


def test_a_signer_is_found_by_the_first_bytes_of_its_hash() -> None:
    one, other = signers.certificate(), signers.certificate(signers.key("other"))
    index = TrustedSigners([one, other.public_bytes(Encoding.DER)])
    kid = hashlib.sha256(other.public_bytes(Encoding.DER)).digest()[:8]
    assert kid_of(other) == kid
    assert [found.certificate for found in index.of(kid)] == [other]
    assert list(index.of(b"")) == []
    assert len(index) == 2


def test_what_is_no_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="parsing"):
        TrustedSigners([b"anything"])


def test_a_certificate_says_its_state_and_its_purposes() -> None:
    assert country_of(signers.certificate(country="SK")) == "SK"
    assert country_of(signers.certificate(country="")) == ""
    assert TrustedSigner(signers.certificate(purposes=[signers.PURPOSES["r"]])).purposes == {"r"}
    assert TrustedSigner(signers.certificate()).purposes == {"v", "t", "r"}
