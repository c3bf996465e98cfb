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
from tests.factories import NOW, authority_pair, make_certificate, make_dose, make_open_vial, make_site, make_visit

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
    authority_key, authority = authority_pair()
    key = profiles.new_private_key()
    made = profiles.signer_certificate(
        key.public_key(),
        subject=profiles.name(f"DSC {country}", country),
        authority=authority,
        authority_key=authority_key,
        now=NOW,
    )
    return KeySigner(made, key)


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


# TEMP codes until the data migration is here
@pytest.fixture(autouse=True)
def codes(request: pytest.FixtureRequest) -> None:
    if "certificate" in request.fixturenames or "make_certificates" in request.fixturenames:
        request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
        from datetime import date

        from certificates.models import SeriesCoding, VaccineCoding

        VaccineCoding.objects.get_or_create(
            vaccine_id="comirnaty",
            valid_from=date(2021, 1, 1),
            defaults={"prophylaxis": "1119349007", "product": "EU/1/20/1528", "holder": "ORG-100030215"},
        )
        SeriesCoding.objects.get_or_create(
            series_doses=2, number=1, valid_from=date(2021, 1, 1), defaults={"dose_number": 1, "total_doses": 2}
        )
