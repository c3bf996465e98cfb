"""Private keys as text and from files, and the one certificate that a file is about."""

import re
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
)

from certificates.hcert.certificate_files import LONGEST_DER, ders_in, from_base64, in_utf8
from certificates.keys.errors import KeyRefused

LONGEST_FILE = 1024 * 1024
_SEQUENCE = b"\x30"
# A sequence of any length that begins with the number 3, its version.
_PKCS12 = re.compile(rb"\x30(?:[\x00-\x80]|[\x81-\x84].{1,4}?)\x02\x01\x03\x30", re.DOTALL)


def private_text(key: ec.EllipticCurvePrivateKey) -> str:
    """The key as the row keeps it; the field encrypts it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def private_key_of(text: str) -> ec.EllipticCurvePrivateKey:
    """The key that `private_text` wrote."""
    return cast("ec.EllipticCurvePrivateKey", load_pem_private_key(text.encode(), None))


def public_fingerprint(key: PublicKeyTypes) -> str:
    """SHA-256 over the public key, by which a certificate finds the private key that waits for it."""
    digest = Hash(SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def read_private_key(data: bytes, passphrase: bytes | None) -> ec.EllipticCurvePrivateKey:
    """The private key of a file, PEM with any text before it, base64 alone, or DER; in UTF-16 too, as Notepad saves.

    Raises KeyRefused, never with anything of it.
    """
    data = in_utf8(data)
    begin = data.find(b"-----BEGIN")
    # A file of `openssl ecparam -genkey` begins with the parameters of the curve, which are no key.
    while data[begin:].startswith(b"-----BEGIN EC PARAMETERS"):
        begin = data.find(b"-----BEGIN", begin + 1)
    try:
        if begin >= 0:
            key = load_pem_private_key(data[begin:].replace(b"\r\n", b"\n"), passphrase or None)
        else:
            data = data if data[:1] == _SEQUENCE else from_base64(data) or data
            key = load_der_private_key(data, passphrase or None)
    except TypeError:
        raise KeyRefused(
            "The private key has no passphrase; leave it out."
            if passphrase
            else "The private key has a passphrase: add --passphrase-file FILE, or --ask-passphrase."
        ) from None
    except Exception:  # whatever the library says may hold a part of the file
        if begin < 0 and _PKCS12.match(data):
            raise KeyRefused(
                "The file is PKCS#12 (.p12, .pfx). Take the key out of it first: "
                "openssl pkcs12 -in FILE -nocerts -out KEY.pem"
            ) from None
        raise KeyRefused(
            "The file of the private key cannot be read with this passphrase."
            if passphrase
            else "The file of the private key cannot be read; it must be PEM or DER (PKCS#8, or SEC1)."
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyRefused("The private key is not of an elliptic curve; signers of CRS are on P-256 (ES256).")
    return key


def read_certificates(data: bytes, what: str) -> list[x509.Certificate]:
    """The certificates of a file, at least one. Raises KeyRefused, which calls the file `what`."""
    found = []
    for der in ders_in(data):
        try:
            found.append(x509.load_der_x509_certificate(der[:LONGEST_DER]))
        except ValueError as error:
            raise KeyRefused(f"The file of {what} holds a damaged certificate: {error}") from error
    if not found:
        raise KeyRefused(f"The file of {what} holds no certificate; it must be PEM or DER.")
    return found
