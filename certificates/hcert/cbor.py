"""CBOR (RFC 8949) of strangers: bounded, and nothing is built but numbers, texts, bytes, lists and maps."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any, NoReturn

import cbor2

DEEPEST = 16
# All that cbor2 would build by itself, among them numbers of any length, references, patterns and addresses.
_BUILT_BY_CBOR2 = (2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 43000, 55799)


def decoded(data: bytes, *, are_tags_taken: bool = False) -> Any:
    """The one thing that `data` holds. Tags of dates are taken, others where it is said. Raises ValueError.

    What is tagged is read without its tag; a date in numbers becomes one in ISO 8601.
    """
    stream = BytesIO(data)
    try:
        found = cbor2.CBORDecoder(
            stream,
            tag_hook=_without_tag if are_tags_taken else _refused,
            semantic_decoders=_TAKEN if are_tags_taken else _REFUSED,
            max_depth=DEEPEST,
            allow_duplicate_keys=False,
        ).decode()
    except (cbor2.CBORDecodeError, TypeError, OverflowError, MemoryError) as error:
        raise ValueError("This is no CBOR that a certificate may hold.") from error
    if stream.tell() != len(data):
        raise ValueError("There are bytes after its end.")
    return found


def _refused(value: object, is_immutable: bool) -> NoReturn:
    raise ValueError("A tag that no certificate needs.")


def _bare(value: object, is_immutable: bool) -> object:
    return value


def _without_tag(tagged: cbor2.CBORTag, is_immutable: bool) -> object:
    return tagged.value


def _from_seconds(seconds: object, is_immutable: bool) -> object:
    """The moment as text; what is beyond all calendars stays as it is."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return seconds
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return seconds


def _from_days(days: object, is_immutable: bool) -> object:
    if isinstance(days, bool) or not isinstance(days, int):
        return days
    try:
        return (date(1970, 1, 1) + timedelta(days=days)).isoformat()
    except OverflowError:
        return days


# Some states tag their dates: a moment in text, seconds since 1970, days since 1970, a day in text.
_DATES: Mapping[int, Callable[..., object]] = {0: _bare, 1: _from_seconds, 100: _from_days, 1004: _bare}
_REFUSED = dict.fromkeys(_BUILT_BY_CBOR2, _refused) | _DATES
_TAKEN = dict.fromkeys(_BUILT_BY_CBOR2, _bare) | _DATES
