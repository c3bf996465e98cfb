"""Signed messages (CMS SignedData, RFC 5652), as the EU gateway carries batches: made by a signer, and opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from certificates.hcert import cose
from certificates.hcert.signing import Signer

DEEPEST = 16
_SIGNED_DATA, _DATA = bytes.fromhex("2a864886f70d010702"), bytes.fromhex("2a864886f70d010701")
_DIGEST, _SHA256 = bytes.fromhex("2a864886f70d010904"), bytes.fromhex("608648016503040201")
_PSS = bytes.fromhex("2a864886f70d01010a")
_SEQUENCE, _SET, _FIRST, _CONSTRUCTED = 0x30, 0x31, 0xA0, 0x20


class BrokenMessage(ValueError):
    """It is no signed message, or none that one of the signers has signed."""


def sign(content: bytes, *, signer: Signer) -> bytes:
    """The content with its signature and the signer's certificate, DER."""
    builder = PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(signer.certificate, _KeyOf(signer), SHA256())
    return builder.sign(Encoding.DER, [PKCS7Options.Binary, PKCS7Options.NoCapabilities])


def opened(message: bytes) -> "SignedMessage":
    """The parts of a message, its signature not looked at yet. Raises BrokenMessage."""
    try:
        return _read(message)
    except (IndexError, ValueError, RecursionError) as error:
        raise BrokenMessage("It is no signed message (CMS SignedData).") from error


@dataclass(frozen=True)
class SignedMessage:
    """A message that was read; its content counts once `signer_among` has found who signed it."""

    content: bytes
    _signers: tuple["_SignerInfo", ...]

    def signer_among(self, certificates: Sequence[x509.Certificate]) -> x509.Certificate:
        """Which of the certificates has signed it. Raises BrokenMessage where none has."""
        for signer in self._signers:
            for certificate in certificates:
                if signer.has_signed(self.content, certificate):
                    return certificate
        raise BrokenMessage("None of the given signers has signed it.")


@dataclass(frozen=True)
class _SignerInfo:
    attributes: "_Element | None"
    algorithm: bytes
    signature: bytes

    def has_signed(self, content: bytes, certificate: x509.Certificate) -> bool:
        """Whether the signature was made over the content with the key of the certificate."""
        signed = content
        if self.attributes is not None:
            if not _describe(self.attributes, content):
                return False
            # They are signed as the set that they are, not under the number of their field (RFC 5652, 5.4).
            signed = bytes([_SET]) + self.attributes.encoded[1:]
        key = certificate.public_key()
        try:
            match key:
                case ec.EllipticCurvePublicKey():
                    key.verify(self.signature, signed, ec.ECDSA(SHA256()))
                case rsa.RSAPublicKey() if self.algorithm == _PSS:
                    key.verify(self.signature, signed, padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO), SHA256())
                case rsa.RSAPublicKey():
                    key.verify(self.signature, signed, padding.PKCS1v15(), SHA256())
                case _:
                    return False
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class _Element:
    """An element of BER: many signers write lengths that are not said beforehand, and octets in pieces."""

    tag: int
    value: bytes
    children: tuple["_Element", ...]
    encoded: bytes

    @property
    def octets(self) -> bytes:
        return b"".join(child.octets for child in self.children) if self.tag & _CONSTRUCTED else self.value


def _describe(attributes: _Element, content: bytes) -> bool:
    """Whether the attributes name the digest of this content, once."""
    digests = [
        value.value
        for attribute in attributes.children
        if len(attribute.children) > 1 and attribute.children[0].value == _DIGEST
        for value in attribute.children[1].children
    ]
    return digests == [sha256(content).digest()]


def _read(message: bytes) -> SignedMessage:
    outer, end = _element(message, 0, 0)
    kind, wrapped = outer.children
    if end != len(message) or outer.tag != _SEQUENCE or kind.value != _SIGNED_DATA:
        raise ValueError("This is no SignedData.")
    _version, _digests, inside, *more = wrapped.children[0].children
    content_kind, content = inside.children
    if content_kind.value != _DATA:
        raise ValueError("There are no data inside.")
    infos = more[-1]
    if infos.tag != _SET:
        raise ValueError("There are no signers.")
    return SignedMessage(content.children[0].octets, tuple(_signer_info(info) for info in infos.children))


def _signer_info(info: _Element) -> _SignerInfo:
    _version, _who, digest, *rest = info.children
    if digest.children[0].value != _SHA256:
        raise ValueError("The digest is not SHA-256.")
    attributes = rest.pop(0) if rest[0].tag == _FIRST else None
    algorithm, signature = rest[0], rest[1]
    return _SignerInfo(attributes, algorithm.children[0].value, signature.octets)


def _element(data: bytes, at: int, depth: int) -> tuple[_Element, int]:
    """The element that begins at `at`, and where the next one begins. Raises ValueError and IndexError."""
    if depth > DEEPEST:
        raise ValueError("It is too deep.")
    tag, length = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise ValueError("This tag is none of ours.")
    begin = at + 2
    if length == 0x80:
        children, end = _children_until_end(data, begin, depth)
        return _Element(tag, b"", tuple(children), data[at:end]), end
    if length > 0x80:
        bytes_of_length = length & 0x7F
        if bytes_of_length > 4:
            raise ValueError("It is too long.")
        length = int.from_bytes(data[begin : begin + bytes_of_length])
        begin += bytes_of_length
    end = begin + length
    if end > len(data):
        raise ValueError("It ends too early.")
    value = data[begin:end]
    children = list(_all(value, depth + 1)) if tag & _CONSTRUCTED else []
    return _Element(tag, value, tuple(children), data[at:end]), end


def _all(data: bytes, depth: int) -> Iterator[_Element]:
    at = 0
    while at < len(data):
        child, at = _element(data, at, depth)
        yield child


def _children_until_end(data: bytes, at: int, depth: int) -> tuple[list[_Element], int]:
    children = []
    while data[at : at + 2] != b"\0\0":
        child, at = _element(data, at, depth + 1)
        children.append(child)
    return children, at + 2


class _KeyOf(ec.EllipticCurvePrivateKey):
    """The key of a signer as the library takes keys: it can sign, by whoever keeps it, and nothing else."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        return cose.as_der(self._signer.sign(bytes(data)), self.curve)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return cast("ec.EllipticCurvePublicKey", self._signer.certificate.public_key())

    @property
    def curve(self) -> ec.EllipticCurve:
        return self.public_key().curve

    @property
    def key_size(self) -> int:
        return self.curve.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise NotImplementedError

    def private_numbers(self) -> NoReturn:
        raise NotImplementedError

    def private_bytes(self, *_arguments: object) -> NoReturn:
        raise NotImplementedError

    def __copy__(self) -> "_KeyOf":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "_KeyOf":
        return self
