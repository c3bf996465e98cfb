"""Certificates to be revoked, and states that tell of theirs."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert.signing import KeySigner, Signer
from certificates.keys import profiles
from certificates.models import Certificate
from certificates.revocation.publication import written
from tests.factories import (
    NOW,
    make_certificate,
    make_dose,
    make_open_vial,
    make_site,
    make_visit,
    signer_certificate_of,
)

MakeCertificates = Callable[[int], list[Certificate]]


@pytest.fixture
def make_certificates() -> MakeCertificates:
    """So many certificates, of a person each."""

    def make(count: int) -> list[Certificate]:
        site = make_site()
        vial = make_open_vial(site)
        return [make_certificate(make_dose(make_visit(site=site), vial)) for _ in range(count)]

    return make


@pytest.fixture
def certificate(make_certificates: MakeCertificates) -> Certificate:
    return make_certificates(1)[0]


@pytest.fixture(scope="session")
def foreign_signer() -> Signer:
    return signer_of("DE")


def signer_of(country: str) -> KeySigner:
    """A signer of another state."""
    key = profiles.new_private_key()
    return KeySigner(signer_certificate_of(key.public_key(), subject=profiles.name(f"DSC {country}", country)), key)


def batch_of(*hashes: bytes, **fields: Any) -> bytes:
    """A batch of Germany as a gateway has it, not signed."""
    content = {
        "country": "DE",
        "expires": written(NOW + timedelta(days=30)),
        "kid": "UNKNOWN_KID",
        "hashType": "UCI",
        "entries": [{"hash": base64.b64encode(value).decode()} for value in hashes or (bytes(16),)],
    }
    return json.dumps(content | fields).encode()


def pem_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
