"""Reads moments as programs write them: ISO 8601, dates of HTTP, seconds since 1970."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LAST = datetime.max.replace(tzinfo=UTC)


def moment_in(text: str) -> datetime | None:
    """The moment that a text names in ISO 8601 or as HTTP does, in UTC; without a zone it is meant so. None: none."""
    text = text.strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            continue
    return None


def moment_of(value: object) -> datetime | None:
    """The moment of a text, or of seconds since 1970; beyond the year 9999 it is the last moment. None: none."""
    if isinstance(value, str):
        return moment_in(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        return None
    return datetime.fromtimestamp(value, UTC) if value < LAST.timestamp() else LAST
