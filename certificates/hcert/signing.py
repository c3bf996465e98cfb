"""Signing a payload: the certificate as the text of a QR code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.hcert import cose, text
from certificates.hcert.trusted import country_of, kid_of
from certificates.hcert.verification import CERTIFICATES, EU_CERTIFICATE, EXPIRES_AT, ISSUED_AT, ISSUER

# Verifiers refuse what was issued after their own time, and their clocks may be slow.
BACK_DATED = timedelta(minutes=1)


class Signer(Protocol):
    """Who signs: a key in this process, or a module of hardware that holds it."""

    @property
    def kid(self) -> bytes:
        """The first 8 bytes of SHA-256 over the certificate."""

    @property
    def algorithm(self) -> int:
        """COSE's number: -7 is ES256."""

    @property
    def certificate(self) -> x509.Certificate:
        """The document signer."""

    def sign(self, data: bytes) -> bytes:
        """The signature over `data` (hashed by SHA-256) as COSE has it: r and s, 32 bytes each."""


class KeySigner:
    """A signer whose key is in this process: ES256 with a key on P-256."""

    algorithm = cose.ES256

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        """Raise ValueError for a key that is not the certificate's, or not on P-256."""
        if key.public_key() != certificate.public_key() or key.curve.name != ec.SECP256R1.name:
            raise ValueError("The private key is not the certificate's, or not on the curve P-256.")
        self.certificate = certificate
        self.kid = kid_of(certificate)
        self._key = key

    def sign(self, data: bytes) -> bytes:
        """The signature of `data`, r and s."""
        return cose.raw(self._key.sign(data, ec.ECDSA(SHA256())), self._key.curve)


@dataclass(frozen=True)
class Signed:
    """A signed certificate."""

    text: str
    signature: bytes
    issued_at: datetime
    expires_at: datetime


def signed(payload: Mapping[str, Any], *, signer: Signer, issued_at: datetime, expires_at: datetime) -> Signed:
    """The payload, signed. It is issued a minute earlier than said, and expires with the signer at the latest.

    Raises ValueError where nothing is left of its time: the signer has expired, or has not begun.
    """
    certificate = signer.certificate
    begins = max(issued_at - BACK_DATED, certificate.not_valid_before_utc).replace(microsecond=0)
    ends = min(expires_at, certificate.not_valid_after_utc).replace(microsecond=0)
    if not begins <= issued_at < ends:
        raise ValueError("The signer is not valid at that time.")
    country = country_of(certificate)
    claims = {
        **({ISSUER: country} if country else {}),
        EXPIRES_AT: int(ends.timestamp()),
        ISSUED_AT: int(begins.timestamp()),
        CERTIFICATES: {EU_CERTIFICATE: payload},
    }
    protected = cbor2.dumps({cose.ALGORITHM: signer.algorithm, cose.KID: signer.kid})
    content = cbor2.dumps(claims)
    signature = signer.sign(cose.signed_bytes(protected, content))
    return Signed(
        text=text.written(cose.packed(protected=protected, payload=content, signature=signature)),
        signature=signature,
        issued_at=begins,
        expires_at=ends,
    )
