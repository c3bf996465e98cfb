"""The hashes by which a revoked certificate is known (EU gateway; DOMAIN 1.9). Needs neither database nor network."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec

from certificates.hcert import cose

LENGTH = 16
UCI, COUNTRYCODEUCI, SIGNATURE = "UCI", "COUNTRYCODEUCI", "SIGNATURE"
TYPES = (UCI, COUNTRYCODEUCI, SIGNATURE)
# The n of each curve, by the length of its signatures.
_ORDERS = {64: ec.SECP256R1().group_order, 96: ec.SECP384R1().group_order}


def hashes(*, uvci: str, countries: Iterable[str], signature: bytes, algorithm: int) -> frozenset[tuple[str, bytes]]:
    """The hashes of a certificate with their types, all that a list may know it by; it is of one of the `countries`.

    Of an ES256 signature the German apps hash the first half (r), while the gateway's text says only 'signature
    bytes': a certificate is looked up by both, and by its twin, for anybody can write the one for the other.
    """
    known_by = {published_signature(signature, algorithm), signature, _twin(signature, algorithm)}
    return frozenset(
        pair
        for country in set(countries) or {""}
        for hashed in known_by
        for pair in _by_type(uvci, country, hashed).items()
    )


def hashes_to_publish(*, uvci: str, country: str, signature: bytes, algorithm: int) -> Mapping[str, bytes]:
    """The hashes by type under which a certificate of ours is published, one of each (docs/adr/0030-revocation.md)."""
    return _by_type(uvci, country, published_signature(signature, algorithm))


def _by_type(uvci: str, country: str, signature: bytes) -> Mapping[str, bytes]:
    identified_by = {UCI: uvci, COUNTRYCODEUCI: country + uvci} if uvci else {}
    return {name: _truncated(text.encode()) for name, text in identified_by.items()} | {
        SIGNATURE: _truncated(signature)
    }


def published_signature(signature: bytes, algorithm: int) -> bytes:
    """What is hashed of a signature: of ES256 its first half, for anybody can change the second (s into n - s)."""
    return signature[: len(signature) // 2] if algorithm == cose.ES256 else signature


def _twin(signature: bytes, algorithm: int) -> bytes:
    """The other signature that is as right as this one (n - s for s); itself where there is none."""
    half = len(signature) // 2
    s, order = int.from_bytes(signature[half:]), _ORDERS.get(len(signature), 0)
    if algorithm != cose.ES256 or not 0 < s < order:
        return signature
    return signature[:half] + (order - s).to_bytes(half)


def _truncated(data: bytes) -> bytes:
    return sha256(data).digest()[:LENGTH]
