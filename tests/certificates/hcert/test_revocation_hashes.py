"""The hashes are those of the EU gateway, whoever wrote the list."""

from hashlib import sha256

from certificates.hcert import revocation_hashes

UVCI, SIGNATURE = "URN:UVCI:01:CZ:ABC", bytes(range(64))


def _hash(data: bytes) -> bytes:
    return sha256(data).digest()[:16]


def test_the_identifier_is_hashed_alone_and_behind_its_state() -> None:
    known_by = revocation_hashes.hashes(uvci=UVCI, country="CZ", signature=SIGNATURE, algorithm=-7)
    assert known_by["UCI"] == {_hash(b"URN:UVCI:01:CZ:ABC")}
    assert known_by["COUNTRYCODEUCI"] == {_hash(b"CZURN:UVCI:01:CZ:ABC")}


def test_a_known_value_stays_what_it_is() -> None:
    known_by = revocation_hashes.hashes(uvci=UVCI, country="CZ", signature=SIGNATURE, algorithm=-7)
    assert [value.hex() for value in known_by["UCI"]] == [sha256(UVCI.encode()).hexdigest()[:32]]


def test_an_es256_signature_is_looked_up_by_its_first_half_and_whole() -> None:
    known_by = revocation_hashes.hashes(uvci=UVCI, country="CZ", signature=SIGNATURE, algorithm=-7)
    assert known_by["SIGNATURE"] == {_hash(SIGNATURE[:32]), _hash(SIGNATURE)}


def test_a_ps256_signature_is_hashed_whole() -> None:
    signature = bytes(256)
    known_by = revocation_hashes.hashes(uvci=UVCI, country="CZ", signature=signature, algorithm=-37)
    assert known_by["SIGNATURE"] == {_hash(signature)}


def test_ours_are_published_by_the_half_that_nobody_can_change() -> None:
    published = revocation_hashes.published(uvci=UVCI, country="CZ", signature=SIGNATURE, algorithm=-7)
    changed = SIGNATURE[:32] + bytes(32)
    assert published == revocation_hashes.published(uvci=UVCI, country="CZ", signature=changed, algorithm=-7)
    assert published["SIGNATURE"] == _hash(SIGNATURE[:32])
