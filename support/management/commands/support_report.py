"""Print the figures of the help desks."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from crs.commands import OperationsCommand, at_least_one
from logistics.reports.forms import before
from logistics.reports.queries import Period
from support.figures import queries
from support.figures.queries import OfDesk


class Command(OperationsCommand):
    help = "Print what is open at the help desks, and how soon people were answered in the last days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=at_least_one, default=7, help="of the last so many days, today among them (default: 7)"
        )

    def run(self, *, days: int, **options: Any) -> None:
        now, today = timezone.now(), timezone.localdate()
        period = Period(before(today, min(days, 3660)), today)
        heads = ("to 4 h", "to 1 d", "to 3 d", "to 7 d", "older", "late", "waiting")
        opened = queries.open_now(now=now)
        self.table(
            heads, {f"{row.desk.value} L{row.level.value}": (*row.by_age, row.late, row.waiting) for row in opened}
        )
        levels = queries.of_levels(period, now=now)
        figures: dict[str, int | str] = {"open": sum(row.whole for row in opened)}
        for desk in queries.of_desks(period, now=now):
            figures |= _of_desk(desk)
        figures |= {f"late at L{row.level.value}": f"{row.late:,} of {row.stays:,}" for row in levels}
        figures |= {f"about {topic or 'nothing sorted'}": count for topic, count in queries.topics(period)}
        self.summarise(figures, outcome=f"{period.first} to {period.last}")


def _of_desk(desk: OfDesk) -> dict[str, int | str]:
    name = desk.desk.value
    return {
        f"{name}: opened": desk.opened,
        f"{name}: first answer, median / p90": desk.answer.in_words,
        f"{name}: resolved, median / p90": desk.resolution.in_words,
        f"{name}: answered late or not yet": desk.answered_late,
        f"{name}: reopened": desk.reopened,
    }
