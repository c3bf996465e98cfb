"""Draws the sample of reservations that the page for auditors draws."""

import csv
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crs.commands import OperationsCommand, at_least_one
from crs.csv_download import written
from logistics.models import Region
from reservation.audit import checking, lines, sampling
from reservation.audit.checking import Checked
from reservation.audit.sampling import LARGEST, LARGEST_SEED, Asked


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ArgumentTypeError(f"{text[:40]!r} is no day such as 2027-02-01") from None


class Command(OperationsCommand):
    help = (
        "Draws a random sample of confirmed reservations and checks by which rule and evidence each person reserved; "
        "no names. The same seed draws the same sample. Exits 1 where one should be looked at."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=at_least_one, default=50, help=f"how many, at most {LARGEST} (usually 50)")
        parser.add_argument("--from", dest="first", type=_day, help="first day (usually a week ago)")
        parser.add_argument("--to", dest="last", type=_day, help="last day, one that is over (usually yesterday)")
        parser.add_argument("--region", help="NUTS3 code: only reservations of sites there, such as CZ064")
        parser.add_argument(
            "--seed", type=at_least_one, help=f"up to {LARGEST_SEED}; without one it is chosen, and shown"
        )
        parser.add_argument("--csv", type=Path, metavar="FILE", help="write the sample there, too")

    def run(self, *args: Any, **options: Any) -> None:
        asked = self._asked(options)
        sample = sampling.draw(asked)
        checked = checking.check(sample.drawn)
        if options["csv"]:
            self._write(options["csv"], checked)
        found = Counter(one.finding for one in checked)
        self.table(("reservations",), {str(finding.label): (count,) for finding, count in found.most_common()})
        to_look_at = [one for one in checked if one.is_to_look_at]
        self.list_problems([f"{one.grounds.pk}: {one.finding.label}" for one in to_look_at], is_failure=True)
        self.summarise(
            {
                "seed": str(asked.seed),
                "days": f"{asked.first} to {asked.last}",
                "reservations drawn": len(checked),
                "of": sample.of,
                "to be looked at": len(to_look_at),
            },
            failure=f"{len(to_look_at):,} of {len(checked):,} should be looked at." if to_look_at else "",
        )

    @staticmethod
    def _write(path: Path, checked: list[Checked]) -> None:
        try:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, delimiter=";").writerows(map(written, line) for line in lines.of_file(checked))
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error

    def _asked(self, options: dict[str, Any]) -> Asked:
        today = timezone.localdate()
        last = options["last"] or today - timedelta(days=1)
        first = options["first"] or last - timedelta(days=6)
        if last >= today:
            raise CommandError("--to is a day that is over: today further reservations are still confirmed.")
        if first > last:
            raise CommandError("--to is before --from.")
        if options["size"] > LARGEST:
            raise CommandError(f"--size is {LARGEST} at most.")
        seed = options["seed"] or sampling.new_seed()
        if seed > LARGEST_SEED:
            raise CommandError(f"--seed is {LARGEST_SEED} at most.")
        region = Region.objects.filter(pk=options["region"]).first() if options["region"] else None
        if options["region"] and region is None:
            raise CommandError(f"There is no region {options['region']!r}.")
        return Asked(options["size"], first, last, seed, region)
