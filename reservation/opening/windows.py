"""The slots that a rule wants on a day: its windows, and the seats of each by what they are kept for."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import chain
from uuid import UUID

from reservation.models import Slot
from reservation.opening.drafts import Draft, Span
from reservation.slots.fitting import WantedSlot
from reservation.slots.generation import windows_of

# In this order seats are given where two shares are equally far behind.
_KEPT_FOR = (Slot.Doses.FIRST, Slot.Doses.SECOND, Slot.Doses.ANY, Slot.Doses.SUBSTITUTE)
_MINUTES_OF_AN_HOUR = 60


def wanted_slots(draft: Draft, day: date, site_id: UUID) -> Iterator[WantedSlot]:
    """The slots of a day. A time that the clock jumps over has none; of an hour that comes twice the first counts."""
    starts = list(
        chain.from_iterable(
            windows_of(day, span.opens_at, span.closes_at, draft.minutes) for span in draft.spans_on(day)
        )
    )
    for starts_at, shares in zip(starts, shared_out(len(starts), draft.seats, _percents(draft)), strict=True):
        for for_doses, seats in zip(_KEPT_FOR, shares, strict=True):
            if seats:
                yield WantedSlot(
                    site_id=site_id,
                    vaccine_id=draft.vaccine_id,
                    for_doses=for_doses,
                    day=day,
                    starts_at=starts_at,
                    minutes=draft.minutes,
                    seats=seats,
                    youngest_age=draft.youngest_age,
                    oldest_age=draft.oldest_age,
                    is_tied=draft.is_tied_to_stock and for_doses != Slot.Doses.SUBSTITUTE,
                )


@lru_cache(maxsize=1024)
def shared_out(windows: int, seats: int, percents: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The seats of each window by share: each window has `seats` of them, the day as near to `percents` as can be.

    The shares of the day are whole seats by the largest remainder. Seat by seat goes to the share that is furthest
    behind its part of the day so far, so that each of them is spread over the whole day.
    """
    total = windows * seats
    shares = _whole(total, percents)
    given = [0] * len(percents)
    rows = []
    for window in range(windows):
        before = tuple(given)
        for seat in range(window * seats + 1, (window + 1) * seats + 1):
            behind = [
                share * seat - got * total if got < share else -total * total
                for share, got in zip(shares, given, strict=True)
            ]
            given[behind.index(max(behind))] += 1
        rows.append(tuple(now - then for now, then in zip(given, before, strict=True)))
    return tuple(rows)


def minutes_left(span: Span, minutes: int) -> int:
    """How many minutes before closing no interval begins any more; `minutes` is the length of one."""
    opens = span.opens_at.hour * _MINUTES_OF_AN_HOUR + span.opens_at.minute
    closes = span.closes_at.hour * _MINUTES_OF_AN_HOUR + span.closes_at.minute
    return (closes - opens) % minutes


def _percents(draft: Draft) -> tuple[int, ...]:
    kept = (draft.first_percent, draft.second_percent, draft.substitute_percent)
    return draft.first_percent, draft.second_percent, 100 - sum(kept), draft.substitute_percent


def _whole(total: int, percents: tuple[int, ...]) -> list[int]:
    """Whole seats that sum to `total`; those left over go to the largest remainders, to the earlier share of two."""
    shares = [total * percent // 100 for percent in percents]
    by_remainder = sorted(range(len(percents)), key=lambda share: -(total * percents[share] % 100))
    for share in by_remainder[: total - sum(shares)]:
        shares[share] += 1
    return shares
