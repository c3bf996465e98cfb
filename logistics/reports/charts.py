"""The geometry of the charts that templates draw as SVG; nothing here knows the meaning of the numbers.

Widths are in per cent, so one drawing fills a telephone and a wide screen while its letters keep their size. Heights
are in pixels. Lengths are ready-made strings: a template would write them with the decimal comma of the language, which
SVG does not read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

HEIGHT = 240
# Room above the highest line for its number.
HEADROOM = 22
# The number of patterns in templates/logistics/reports/parts/patterns.svg.
PATTERNS = 6
# With more bars than this a bar is a week: on a telephone they would be too thin to be told apart.
MOST_BARS = 62
LINES = 4
TICKS = 5


@dataclass(frozen=True)
class Series:
    """A series of amounts, such as those of a vaccine: its name, and an amount for each day that has one."""

    name: str
    amounts: dict[date, int]


@dataclass(frozen=True)
class Segment:
    """A part of a bar: from `y` down, `height` high, filled with `pattern`."""

    y: str
    height: str
    pattern: int
    name: str
    amount: int


@dataclass(frozen=True)
class Bar:
    """A day or a week: `x` and `width` across, its parts from below, their sum."""

    first: date
    last: date
    x: str
    width: str
    segments: list[Segment]
    amount: int

    @property
    def is_week(self) -> bool:
        """Whether the bar stands for more than a day."""
        return self.first != self.last


@dataclass(frozen=True)
class Rule:
    """A line across with its number."""

    y: str
    amount: int


@dataclass(frozen=True)
class Tick:
    """A day named under the bars; `anchor` keeps the first and the last name inside the drawing."""

    x: str
    day: date
    anchor: str


@dataclass(frozen=True)
class StackedBars:
    """Bars over time, stacked by series."""

    bars: list[Bar]
    rules: list[Rule]
    ticks: list[Tick]
    legend: list[tuple[int, str]]
    height: int = HEIGHT

    @property
    def is_weekly(self) -> bool:
        """Whether bars are weeks."""
        return any(bar.is_week for bar in self.bars)


@dataclass(frozen=True)
class Share:
    """A horizontal bar: its `percent`, and its parts as x and width with their patterns."""

    name: str
    percent: float
    parts: list[tuple[str, str, int]]


def stacked_bars(series: Sequence[Series], days: Sequence[date]) -> StackedBars:
    """A bar for each of `days`, which follow one another; where they are many, a bar for each week from Monday."""
    spans = _spans(days)
    sums = [[sum(one.amounts.get(day, 0) for day in span) for one in series] for span in spans]
    top = ceiling(max((sum(amounts) for amounts in sums), default=0))
    down = _scale(top)
    slot = 100 / max(len(spans), 1)
    bars = [
        Bar(
            first=span[0],
            last=span[-1],
            x=_percent(number * slot + slot * 0.1),
            width=_percent(slot * 0.8),
            segments=_segments(amounts, series, down),
            amount=sum(amounts),
        )
        for number, (span, amounts) in enumerate(zip(spans, sums, strict=True))
    ]
    steps = [top * number // LINES for number in range(LINES + 1)]
    return StackedBars(
        bars=bars,
        rules=[Rule(y=_pixels(down(step)), amount=step) for step in steps],
        ticks=_ticks(spans),
        legend=[(number % PATTERNS, one.name) for number, one in enumerate(series)],
    )


def shares(rows: Sequence[tuple[str, Sequence[float]]]) -> list[Share]:
    """A horizontal bar for each name with its parts (in per cent) side by side.

    The scale is fixed: the whole width is 100 %, so 4 % look like 4 % whatever stands beside them.
    """
    found = []
    for name, parts in rows:
        left, drawn = 0.0, []
        for pattern, part in enumerate(parts):
            width = max(0.0, min(part, 100 - left))
            drawn.append((_percent(left), _percent(width), pattern))
            left += width
        found.append(Share(name=name, percent=sum(parts), parts=drawn))
    return found


def ceiling(value: int) -> int:
    """The end of a scale for `value`: the first round number that reaches it in LINES equal steps."""
    unit = 1
    while True:
        for mantissa in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80):
            step, rest = divmod(mantissa * unit, 10)
            if not rest and step * LINES >= value:
                return step * LINES
        unit *= 10


def _scale(top: int) -> Callable[[int], float]:
    return lambda amount: HEADROOM + (HEIGHT - HEADROOM) * (1 - amount / top)


def _segments(amounts: Sequence[int], series: Sequence[Series], down: Callable[[int], float]) -> list[Segment]:
    found, below = [], 0
    for number, (amount, one) in enumerate(zip(amounts, series, strict=True)):
        if amount <= 0:
            continue
        above = below + amount
        height = down(below) - down(above)
        found.append(Segment(_pixels(down(above)), _pixels(height), number % PATTERNS, one.name, amount))
        below = above
    return found


def _spans(days: Sequence[date]) -> list[list[date]]:
    if len(days) <= MOST_BARS:
        return [[day] for day in days]
    return [list(week) for _week, week in groupby(days, key=lambda day: day.isocalendar()[:2])]


def _ticks(spans: Sequence[Sequence[date]]) -> list[Tick]:
    """At most TICKS days, evenly spread, with the first and the last."""
    if not spans:
        return []
    last = len(spans) - 1
    wanted = min(TICKS - 1, last)
    positions = sorted({round(number * last / wanted) for number in range(wanted + 1)}) if wanted else [0]
    slot = 100 / len(spans)
    ticks = []
    for position in positions:
        anchor = "middle" if last == 0 or 0 < position < last else "start" if position == 0 else "end"
        at = {"start": position, "middle": position + 0.5, "end": position + 1}[anchor]
        ticks.append(Tick(x=_percent(at * slot), day=spans[position][0], anchor=anchor))
    return ticks


def _percent(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") + "%"


def _pixels(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
