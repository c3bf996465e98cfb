"""Reads the certificates of signers: their key identifier, state and purpose, and the files they come in."""

import base64
import hashlib
import re
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

KID_BYTES = 8
# A certificate of a signer has about a thousand bytes; one of ten times that is none.
LONGEST_DER = 16_384
_PURPOSE = re.compile(r"1\.3\.6\.1\.4\.1\.(?:0\.)?1847\.2021\.1\.([123])")
_KINDS = {"1": "t", "2": "v", "3": "r"}
_PEM = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END", re.DOTALL)


def der_of(certificate: x509.Certificate) -> bytes:
    """Its bytes, over which the hashes go."""
    return certificate.public_bytes(Encoding.DER)


def kid_of(der: bytes) -> bytes:
    """The key identifier: the first 8 bytes of SHA-256 over the certificate (DOMAIN 1.2)."""
    return hashlib.sha256(der).digest()[:KID_BYTES]


def kid_text(der: bytes) -> str:
    """The key identifier in base64, as lists write it."""
    return base64.b64encode(kid_of(der)).decode()


def country_of(certificate: x509.Certificate) -> str:
    """The state in the subject, else in the issuer, as two capital letters; empty where neither names one."""
    for names in (certificate.subject, certificate.issuer):
        for attribute in names.get_attributes_for_oid(NameOID.COUNTRY_NAME):
            country = str(attribute.value).strip().upper()
            if re.fullmatch("[A-Z]{2}", country):
                return country
    return ""


def purposes_of(certificate: x509.Certificate) -> frozenset[str]:
    """What it may sign: `v` vaccination, `t` test, `r` recovery; all of them where it names none (DOMAIN 1.2)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return frozenset("vtr")
    found = (_PURPOSE.fullmatch(identifier.dotted_string) for identifier in usage)
    return frozenset(_KINDS[match[1]] for match in found if match) or frozenset("vtr")


def ders_in(data: bytes) -> Iterator[bytes]:
    """The certificates of a file, undecoded: PEM, with any text around and any ends of lines, base64 alone, or DER.

    Programs save PEM with a byte order mark or as UTF-16; both are read. Nothing comes of a file that holds none.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.decode("utf-16", "replace").encode()
    blocks = _PEM.findall(data)
    for block in blocks:
        if (der := _from_base64(block)) is not None:
            yield der
    if blocks:
        return
    if data[:1] == b"\x30":
        yield data
    elif (der := _from_base64(data.removeprefix(b"\xef\xbb\xbf"))) is not None and der[:1] == b"\x30":
        yield der


def _from_base64(text: bytes) -> bytes | None:
    # A list may use the alphabet for addresses, and leave out the padding.
    packed = bytes(text.translate(bytes.maketrans(b"-_", b"+/"), b" \t\r\n\v\f=\x00"))
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except ValueError:
        return None
