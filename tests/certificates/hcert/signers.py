"""Signers, and codes that nobody would issue, for tests of the codes alone."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import base45
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from certificates.hcert.payload import Vaccination, payload
from certificates.hcert.signing import KeySigner
from certificates.hcert.trusted import kid_of

NOW = datetime(2027, 1, 11, 8, tzinfo=UTC)
IN_A_YEAR = NOW + timedelta(days=365)
PURPOSES = {"t": "1.3.6.1.4.1.1847.2021.1.1", "v": "1.3.6.1.4.1.1847.2021.1.2", "r": "1.3.6.1.4.1.1847.2021.1.3"}
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def key(name: str = "ours") -> ec.EllipticCurvePrivateKey:
    """A key on P-256 that has this name in the run."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """A key for PS256."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    of: Key | None = None,
    *,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=700),
    country: str = "CZ",
    purposes: Sequence[str] = (),
    other: x509.ExtensionType | None = None,
    is_critical: bool = False,
) -> x509.Certificate:
    """The certificate of a document signer with the key."""
    of = of or key()
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, country)] if country else [])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(of.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    if purposes:
        usages = x509.ExtendedKeyUsage(map(x509.ObjectIdentifier, purposes))
        built = built.add_extension(usages, critical=is_critical)
    if other is not None:
        built = built.add_extension(other, critical=False)
    return built.sign(key("authority"), SHA256())


@cache
def signer() -> KeySigner:
    """Our signer."""
    return KeySigner(certificate(), key())


def vaccination(**changed: Any) -> Vaccination:
    """A second dose."""
    facts: dict[str, Any] = {
        "last_name": "d'Červenková Panklová",
        "first_name": "Jiřina-Maria Alena",
        "family_name_mrz": "DCERVENKOVA<PANKLOVA",
        "given_name_mrz": "JIRINA<MARIA<ALENA",
        "birth_date": date(1964, 3, 14),
        "disease": "840539006",
        "prophylaxis": "1119349007",
        "product": "EU/1/20/1528",
        "holder": "ORG-100030215",
        "dose_number": 2,
        "total_doses": 2,
        "given_on": date(2027, 1, 11),
        "country": "CZ",
        "issuer": "Ministry of Health of the Czech Republic",
        "uvci": "URN:UVCI:01:CZ:ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
    }
    return Vaccination(**facts | changed)


def claims(content: object = None, **changed: Any) -> dict[int, Any]:
    """The claims of a code with this content."""
    named = {"issuer": 1, "expires_at": 4, "issued_at": 6}
    content = payload(vaccination()) if content is None else content
    whole: dict[int, Any] = {1: "CZ", 4: int(IN_A_YEAR.timestamp()), 6: int(NOW.timestamp()), -260: {1: content}}
    whole |= {named[name]: value for name, value in changed.items()}
    return {name: value for name, value in whole.items() if value is not None}


def message(
    signed: object,
    *,
    by: Key | None = None,
    of: x509.Certificate | None = None,
    algorithm: int | None = None,
    protected: Mapping[int, Any] | None = None,
    unprotected: Mapping[int, Any] | None = None,
) -> list[Any]:
    """A signed message about `signed` (bytes, or what CBOR makes of it), by a writer of its own."""
    by = by or key()
    of = of or signer().certificate
    algorithm = algorithm or (-37 if isinstance(by, rsa.RSAPrivateKey) else -7)
    headers = cbor2.dumps({1: algorithm, 4: kid_of(of)} if protected is None else protected) if protected != {} else b""
    content = signed if isinstance(signed, bytes) else cbor2.dumps(signed)
    data = cbor2.dumps(["Signature1", headers, b"", content])
    return [headers, dict(unprotected or {}), content, _signature(by, data)]


def _signature(by: Key, data: bytes) -> bytes:
    if isinstance(by, rsa.RSAPrivateKey):
        return by.sign(data, padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256())
    length = by.curve.key_size // 8
    return b"".join(part.to_bytes(length) for part in decode_dss_signature(by.sign(data, ec.ECDSA(SHA256()))))


def text(content: object, *, tags: Sequence[int] = (18,)) -> str:
    """The text of a QR code for a message or any other thing (bytes, or what CBOR makes of it)."""
    for tag in tags if not isinstance(content, bytes) else ():
        content = cbor2.CBORTag(tag, content)
    return folded(content if isinstance(content, bytes) else cbor2.dumps(content))


def folded(content: bytes) -> str:
    """The content as text."""
    return packed(zlib.compress(content))


def packed(data: bytes) -> str:
    """Bytes that need not be compressed, as text."""
    return "HC1:" + base45.b45encode(data).decode()
