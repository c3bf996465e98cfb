"""A signed message (COSE_Sign1, RFC 8152): its parts, the bytes that are signed, and the two algorithms of the EU."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.hcert.cbor import decoded

ES256, PS256 = -7, -37
ALGORITHM, KID = 1, 4
# Tags before a message: 18 says that it is one (in one byte or two), 61 that it holds claims, 55799 that it is CBOR.
_TAG = b"\xd2"
_TAGS = (_TAG, b"\xd8\x12", b"\xd8\x3d", b"\xd9\xd9\xf7")
_MOST_TAGS = 3  # each of them once
_CURVES = (ec.SECP256R1, ec.SECP384R1)


@dataclass(frozen=True)
class Message:
    """The parts of a signed message, and what its headers say; None where they do not."""

    protected: bytes
    payload: bytes
    signature: bytes
    kid: Any
    algorithm: Any

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is about."""
        return signed_bytes(self.protected, self.payload)


def signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The bytes that are signed for a payload under these protected headers."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def packed(*, protected: bytes, payload: bytes, signature: bytes) -> bytes:
    """The message as bytes, with its tag."""
    return _TAG + cbor2.dumps([protected, {}, payload, signature])


def message(data: bytes) -> Message | None:
    """The signed message, with and without tags around it; None where it is no such message. Raises ValueError."""
    match decoded(untagged(data)):
        case [bytes(protected), Mapping() as unprotected, bytes(payload), bytes(signature)]:
            pass
        case _:
            return None
    headers = decoded(protected) if protected else {}
    if not isinstance(headers, Mapping):
        return None
    # Protected headers go first: the others can be changed by anybody.
    merged = {**unprotected, **headers}
    return Message(protected, payload, signature, kid=merged.get(KID), algorithm=merged.get(ALGORITHM))


def untagged(data: bytes) -> bytes:
    """The data without the tags of messages and claims before them."""
    for _more in range(_MOST_TAGS):
        data = data[next((len(tag) for tag in _TAGS if data.startswith(tag)), 0) :]
    return data


def is_signed_by(key: CertificatePublicKeyTypes | None, one: Message) -> bool:
    """Whether the signature was made with the key, by the algorithm that the message names."""
    try:
        match key:
            case ec.EllipticCurvePublicKey() if one.algorithm == ES256 and isinstance(key.curve, _CURVES):
                key.verify(as_der(one.signature, key.curve), one.signed_bytes, ec.ECDSA(SHA256()))
            case rsa.RSAPublicKey() if one.algorithm == PS256:
                salted = padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO)
                key.verify(one.signature, one.signed_bytes, salted, SHA256())
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def raw(der: bytes, curve: ec.EllipticCurve) -> bytes:
    """The signature of an elliptic key as COSE has it: r and s, each as long as the key."""
    length = (curve.key_size + 7) // 8
    r, s = decode_dss_signature(der)
    return r.to_bytes(length) + s.to_bytes(length)


def as_der(signature: bytes, curve: ec.EllipticCurve) -> bytes:
    """The signature as `cryptography` reads it. Raises InvalidSignature for a wrong length."""
    length = (curve.key_size + 7) // 8
    if len(signature) != 2 * length:
        raise InvalidSignature
    return encode_dss_signature(int.from_bytes(signature[:length]), int.from_bytes(signature[length:]))
