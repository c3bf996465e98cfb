"""CBOR (RFC 8949) of strangers: bounded, and nothing is built but numbers, texts, bytes, lists and maps."""

from io import BytesIO
from typing import Any, NoReturn

import cbor2

DEEPEST = 16
# A date in text, seconds since 1970, a day in text. Some states tag their dates; what is tagged is read without it.
_DATES = (0, 1, 1004)
# All that cbor2 would build by itself, among them numbers of any length, references, patterns and addresses.
_BUILT_BY_CBOR2 = (2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 43000, 55799)


def decoded(data: bytes) -> Any:
    """The one thing that `data` holds. Raises ValueError."""
    stream = BytesIO(data)
    try:
        found = cbor2.CBORDecoder(
            stream,
            tag_hook=_refused,
            semantic_decoders=_DECODERS,
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


_DECODERS = dict.fromkeys(_BUILT_BY_CBOR2, _refused) | dict.fromkeys(_DATES, _bare)
