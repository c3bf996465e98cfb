"""Rates as settings write them: "60/h", "5/15m", and several of them, "5/15m,10/d"."""

import re
from dataclasses import dataclass
from datetime import timedelta

# PINs by SMS are kept for a day and counted by their rows, so no rate can look back further.
LONGEST_PERIOD = timedelta(days=1)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Rate:
    """So many in any such period."""

    count: int
    period: timedelta

    def __str__(self) -> str:
        return f"{self.count} in {self.within}"

    @property
    def within(self) -> str:
        """The period in words, such as "1 h" or "90 min"."""
        hours, minutes = divmod(int(self.period.total_seconds()) // 60, 60)
        return f"{hours} h" if hours and not minutes else f"{hours * 60 + minutes} min"


def rate(text: str) -> Rate:
    """The one rate of a setting such as "60/h". Raises ValueError; it looks back 24 hours at most."""
    match = re.fullmatch(r"(\d{1,9})/(\d{0,5})([smhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no rate such as 5/15m")
    found = Rate(int(match[1]), timedelta(seconds=int(match[2] or 1) * _SECONDS[match[3]]))
    if not found.count or not timedelta() < found.period <= LONGEST_PERIOD:
        raise ValueError(f"{text!r} allows nothing, or looks back more than 24 hours")
    return found


def rates(text: str) -> list[Rate]:
    """The rates of a setting such as "5/15m,10/d". Raises ValueError."""
    return [rate(part.strip()) for part in text.split(",")]
