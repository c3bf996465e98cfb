"""Keyed hashes: they find or check a short secret without keeping it.

A birth number or a six-digit PIN has so few possible values that any unkeyed hash, however slow,
is undone by trying them all; with a key that is not in the database it is not, and it is fast
enough for the morning when everybody comes at once (docs/adr/0004-keyed-hashes.md).
"""

import hashlib
import hmac

from django.conf import settings


def keyed_hash(purpose: str, *parts: str) -> str:
    """The HMAC-SHA256 of `parts` under `LOOKUP_KEY` as 64 hex digits; one `purpose` never matches another's."""
    message = "\x00".join((purpose, *parts)).encode()
    return hmac.new(settings.LOOKUP_KEY.encode(), message, hashlib.sha256).hexdigest()
