"""The hashes by which a revoked certificate is known (EU gateway; DOMAIN 1.9). Needs neither database nor network."""

from collections.abc import Mapping
from hashlib import sha256

LENGTH = 16
UCI, COUNTRYCODEUCI, SIGNATURE = "UCI", "COUNTRYCODEUCI", "SIGNATURE"
TYPES = (UCI, COUNTRYCODEUCI, SIGNATURE)
ES256 = -7


def hashes(*, uvci: str, country: str, signature: bytes, algorithm: int) -> Mapping[str, frozenset[bytes]]:
    """The hashes of a certificate by type, all that a list may know it by; `country` is its issuer's.

    Of an ES256 signature the German apps hash the first half (r), while the gateway's text says only 'signature
    bytes': a certificate is looked up by both.
    """
    known_by = {published_signature(signature, algorithm), signature}
    return {
        UCI: frozenset({_truncated(uvci.encode())}),
        COUNTRYCODEUCI: frozenset({_truncated((country + uvci).encode())}),
        SIGNATURE: frozenset(map(_truncated, known_by)),
    }


def published(*, uvci: str, country: str, signature: bytes, algorithm: int) -> Mapping[str, bytes]:
    """The hashes by type under which a certificate of ours is published, one of each (docs/adr/0030-revocation.md)."""
    return {
        UCI: _truncated(uvci.encode()),
        COUNTRYCODEUCI: _truncated((country + uvci).encode()),
        SIGNATURE: _truncated(published_signature(signature, algorithm)),
    }


def published_signature(signature: bytes, algorithm: int) -> bytes:
    """What is hashed of a signature: of ES256 its first half, for anybody can change the second (s into n - s)."""
    return signature[: len(signature) // 2] if algorithm == ES256 else signature


def _truncated(data: bytes) -> bytes:
    return sha256(data).digest()[:LENGTH]
