"""The hashes are those of the EU gateway, whoever wrote the list."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from certificates.hcert import cose, revocation_hashes

UVCI, SIGNATURE = "URN:UVCI:01:CZ:ABC", bytes(range(64))


def _hash(data: bytes) -> bytes:
    return sha256(data).digest()[:16]


def _known_by(hash_type: str, *, countries: Sequence[str] = ("CZ",), **changed: Any) -> set[bytes]:
    values: dict[str, Any] = {"uvci": UVCI, "signature": SIGNATURE, "algorithm": -7} | changed
    found = revocation_hashes.hashes(countries=countries, **values)
    return {value for name, value in found if name == hash_type}


def test_the_identifier_is_hashed_alone_and_behind_each_state() -> None:
    assert _known_by("UCI") == {_hash(b"URN:UVCI:01:CZ:ABC")}
    assert _known_by("COUNTRYCODEUCI") == {_hash(b"CZURN:UVCI:01:CZ:ABC")}
    assert _known_by("COUNTRYCODEUCI", countries=["EL", "GR"]) == {
        _hash(b"EL" + UVCI.encode()),
        _hash(b"GR" + UVCI.encode()),
    }


def test_without_an_identifier_the_signature_alone_tells() -> None:
    assert (_known_by("UCI", uvci=""), _known_by("COUNTRYCODEUCI", uvci="")) == (set(), set())
    assert _known_by("SIGNATURE", uvci="") == _known_by("SIGNATURE")


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_an_es256_signature_is_looked_up_by_its_first_half_whole_and_by_its_twin(curve: ec.EllipticCurve) -> None:
    key, message = ec.generate_private_key(curve), cose.Message(b"", b"", b"", kid=None, algorithm=cose.ES256)
    signature = cose.raw(key.sign(message.signed_bytes, ec.ECDSA(SHA256())), curve)
    half = len(signature) // 2
    twin = signature[:half] + (curve.group_order - int.from_bytes(signature[half:])).to_bytes(half)
    assert cose.is_signed_by(key.public_key(), replace(message, signature=twin))
    assert _known_by("SIGNATURE", signature=signature) == {_hash(signature[:half]), _hash(signature), _hash(twin)}
    assert _known_by("SIGNATURE", signature=twin) == _known_by("SIGNATURE", signature=signature)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(10)])
def test_a_signature_without_a_twin_is_looked_up_as_it_is(signature: bytes) -> None:
    assert _known_by("SIGNATURE", signature=signature) == {_hash(signature[: len(signature) // 2]), _hash(signature)}


def test_a_ps256_signature_is_hashed_whole() -> None:
    assert _known_by("SIGNATURE", signature=bytes(256), algorithm=-37) == {_hash(bytes(256))}


def test_ours_are_published_by_the_half_that_nobody_can_change() -> None:
    published = revocation_hashes.hashes_to_publish(uvci=UVCI, country="CZ", signature=SIGNATURE, algorithm=-7)
    changed = SIGNATURE[:32] + bytes(32)
    assert published == revocation_hashes.hashes_to_publish(uvci=UVCI, country="CZ", signature=changed, algorithm=-7)
    assert published["SIGNATURE"] == _hash(SIGNATURE[:32])
