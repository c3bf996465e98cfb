"""Reads batches of revoked hashes and lists of them, in the form of the EU gateway (DOMAIN 1.9)."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from certificates.hcert import revocation_hashes
from certificates.hcert.moments import moment_in
from certificates.hcert.trusted import country_of, spellings_of
from certificates.revocation import signed_message
from crs import saved_files

# A batch of 1,000 hashes has some 60 kB, a page of a list with 1,000 batches some 130 kB.
LONGEST_BATCH, LONGEST_LIST = 512 * 1024, 1024 * 1024
MOST_ENTRIES, MOST_LISTED = 1_000, 1_000
BATCH_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_KID_BYTES = 8
# The gateway's word for a hash that is not told under a key.
UNKNOWN_KID = "UNKNOWN_KID"
# The signer of a gateway may sign for all states.
_EU = ("", "EU")


class Broken(ValueError):
    """What was read is no batch or list; the text says why."""


@dataclass(frozen=True)
class Listed:
    """A batch as a list names it."""

    batch_id: str
    country: str
    date: datetime
    is_deleted: bool


@dataclass(frozen=True)
class Batch:
    """What a batch says."""

    country: str
    expires_at: datetime
    kid: str
    hash_type: str
    hashes: tuple[bytes, ...]


@dataclass(frozen=True)
class Page:
    """A part of a list."""

    batches: tuple[Listed, ...]
    is_more: bool


def page(data: bytes) -> Page:
    """The batches that an answer of the gateway lists. Raises Broken."""
    content = _json(data, longest=LONGEST_LIST)
    rows = content.get("batches")
    if not isinstance(rows, list) or len(rows) > MOST_LISTED:
        raise Broken(f"It lists no batches, or more than {MOST_LISTED:,}.")
    return Page(tuple(map(_listed, rows)), is_more=content.get("more") is True)


def batch(data: bytes, *, signers: Sequence[x509.Certificate]) -> Batch:
    """What a batch says: JSON, or JSON in a signed message (CMS: DER, or base64 with or without its frame).

    With `signers`, one of them must have signed it, and one of a state speaks for that state alone. Raises Broken.
    """
    if len(data) > LONGEST_BATCH:
        raise Broken(f"It is longer than {LONGEST_BATCH:,} bytes.")
    content, message = _unwrapped(data)
    signer = None
    if signers:
        if message is None:
            raise Broken("It is not signed.")
        try:
            signer = message.signer_among(signers)
        except signed_message.BrokenMessage as error:
            raise Broken(str(error)) from error
    read = _batch(_json(content, longest=LONGEST_BATCH))
    if signer is not None and country_of(signer) not in {*_EU, *spellings_of(read.country)}:
        raise Broken(f"A signer of {country_of(signer)} signed hashes of {read.country}.")
    return read


def _unwrapped(data: bytes) -> tuple[bytes, signed_message.SignedMessage | None]:
    """The JSON, and the message around it where there is one."""
    # DER may end in a byte that would be a space in a text.
    if not data.startswith(b"\x30"):
        data = data.removeprefix(b"\xef\xbb\xbf").strip()
        if data.startswith(b"{"):
            return data, None
        if words := saved_files.what_else(data):
            raise Broken(f"It {words}.")
        text = re.sub(rb"-----[A-Z0-9 ]+-----|\s", b"", data)
        try:
            data = base64.b64decode(text, validate=True)
        except ValueError as error:
            raise Broken("It is neither JSON nor a signed message.") from error
    try:
        message = signed_message.opened(data)
    except signed_message.BrokenMessage as error:
        raise Broken(str(error)) from error
    return message.content, message


def _batch(content: dict[str, Any]) -> Batch:
    entries, expires_at = content.get("entries"), _moment(content.get("expires"))
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_ENTRIES:
        raise Broken(f"A batch has 1 to {MOST_ENTRIES:,} entries.")
    if content.get("hashType") not in revocation_hashes.TYPES:
        raise Broken("Its hashType is none of UCI, COUNTRYCODEUCI, SIGNATURE.")
    return Batch(
        country=_country(content.get("country")),
        expires_at=expires_at,
        kid=_kid(content.get("kid")),
        hash_type=content["hashType"],
        hashes=tuple({_hash(entry): None for entry in entries}),
    )


def _listed(row: Any) -> Listed:
    if not isinstance(row, dict):
        raise Broken("An entry of the list is no batch.")
    batch_id = row.get("batchId")
    if not isinstance(batch_id, str) or not BATCH_ID.fullmatch(batch_id):
        raise Broken("A batchId has other characters than letters, digits, - and _, or is too long.")
    return Listed(batch_id, _country(row.get("country")), _moment(row.get("date")), row.get("deleted") is True)


def _json(data: bytes, *, longest: int) -> dict[str, Any]:
    if len(data) > longest:
        raise Broken(f"It is longer than {longest:,} bytes.")
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        words = saved_files.what_else(data)
        raise Broken(f"It {words}." if words else "It is no JSON.") from error
    if not isinstance(content, dict):
        raise Broken("It is no JSON object.")
    return content


def _country(value: object) -> str:
    if not isinstance(value, str) or not _COUNTRY.fullmatch(value):
        raise Broken("Its country is not two capital letters.")
    return value


def _moment(value: object) -> datetime:
    moment = moment_in(value) if isinstance(value, str) else None
    if moment is None:
        raise Broken("A moment in it is not written as 2022-01-31T10:00:00Z.")
    return moment


def _kid(value: object) -> str:
    if value == UNKNOWN_KID:
        return UNKNOWN_KID
    return base64.b64encode(_bytes(value, _KID_BYTES, "Its kid is not 8 bytes in base64, nor UNKNOWN_KID.")).decode()


def _hash(entry: object) -> bytes:
    value = entry.get("hash") if isinstance(entry, dict) else None
    return _bytes(value, revocation_hashes.LENGTH, "A hash in it is not 16 bytes in base64.")


def _bytes(value: object, length: int, refusal: str) -> bytes:
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except ValueError:
        data = b""
    if len(data) != length:
        raise Broken(refusal)
    return data
