"""Generates slots by the opening rules of the sites, or from the ministry's capacity files."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from crs.commands import OperationsCommand, at_least_one
from logistics.models import VaccinationSite, Vaccine
from reservation.models import Slot
from reservation.opening import generating
from reservation.slots import capacity_import
from reservation.slots.capacity_import import CapacityImport, ImportPlan, Skipped
from reservation.slots.generation import DEFAULT_MINUTES, GeneratedSlots


def _minutes(text: str) -> int:
    minutes = at_least_one(text)
    if minutes > 240:
        raise ArgumentTypeError(f"{minutes:,} is not a length from 1 to 240 minutes")
    return minutes


def _future_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from error
    if day > capacity_import.LAST_DAY:
        raise ArgumentTypeError(f"{text} is too far away")
    return day


class Command(OperationsCommand):
    help = (
        "Generates slots for the days ahead by the opening rules of the sites; with --from-capacity from files, "
        "each day's seats spread over the site's opening hours. Nobody who is booked loses a seat. Safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", type=UUID, help="only this site")
        self.add_dry_run(parser)
        by_rules = parser.add_argument_group("by rules")
        by_rules.add_argument(
            "--until", type=_future_day, metavar="DATE", help="the last day (default: CALENDAR_DAYS_AHEAD days ahead)"
        )
        files = parser.add_argument_group("from capacity files")
        files.add_argument("--from-capacity", type=Path, nargs="+", metavar="FILE", dest="files", help="CSV or CSV.GZ")
        files.add_argument(
            "--shift-to",
            type=_future_day,
            metavar="DATE",
            help="move everything by whole weeks so that the earliest day falls on DATE or within six days after it",
        )
        files.add_argument("--vaccine", help="code of the vaccine (default: comirnaty)")
        files.add_argument("--minutes", type=_minutes, help=f"length of a slot (default: {DEFAULT_MINUTES})")

    def run(
        self,
        *args: Any,
        files: list[Path] | None,
        until: date | None,
        shift_to: date | None,
        site: UUID | None,
        vaccine: str | None,
        minutes: int | None,
        **options: Any,
    ) -> None:
        if site and not VaccinationSite.objects.filter(pk=site).exists():
            raise CommandError(f"There is no site {site}.")
        if files is None:
            if shift_to or vaccine or minutes:
                raise CommandError("--shift-to, --vaccine and --minutes are for --from-capacity only.")
            self._by_rules(site, until)
            return
        if until:
            raise CommandError("--until is not for --from-capacity.")
        chosen = Vaccine.objects.filter(pk=vaccine or "comirnaty").first()
        if chosen is None:
            raise CommandError(f"There is no vaccine {vaccine}.")
        plan = ImportPlan(
            files,
            chosen,
            minutes=minutes or DEFAULT_MINUTES,
            shift_to=shift_to,
            only_site=site,
            is_dry_run=self.is_dry_run,
        )
        result = capacity_import.import_capacity(plan=plan, now=timezone.now(), progress=self._tell_rows)
        self._analyse(result.slots)
        self._list_skipped(result.skipped)
        self._list_overfull(result.slots)
        self._sum_up(result)

    def _by_rules(self, site: UUID | None, until: date | None) -> None:
        now = timezone.now()
        if until and until < timezone.localdate(now):
            raise CommandError(f"{until} has passed.")
        done = generating.generate(
            now=now,
            site_ids=[site] if site else None,
            until=until,
            is_dry_run=self.is_dry_run,
            progress=lambda number, calendars, _done: self.progress("calendars done", number, calendars),
        )
        self._analyse(done)
        self.summarise(
            {
                "last day": str(generating.days_ahead(now, until)[-1]),
                **_changes(done),
                "first doses that stay closed, for want of later ones": done.unpaired,
                "seats held back for want of vaccine": done.held_back,
            }
        )

    def _analyse(self, done: GeneratedSlots) -> None:
        """The planner should not wait for autovacuum to learn that the table is large now."""
        if done.created and not self.is_dry_run:
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(Slot._meta.db_table)}")

    def _tell_rows(self, read: int, rows: int, done: GeneratedSlots) -> None:
        self.progress("rows read", read, rows)

    def _list_skipped(self, skipped: Skipped) -> None:
        self.list_problems(skipped.problems)
        for sites, what in ((skipped.unknown_sites, "unknown site"), (skipped.closed_sites, "site that is not open")):
            self.list_problems([f"{what} {key} {name}, rows: {rows:,}" for (key, name), rows in sites.most_common()])

    def _list_overfull(self, done: GeneratedSlots) -> None:
        self.list_problems(
            [
                f"site {over.site_id}, {over.day}, {Slot.Doses(over.for_doses).label}: more people are booked than "
                f"there are seats, by {over.people_over:,}; they keep theirs"
                for over in done.overfull
            ]
        )

    def _sum_up(self, result: CapacityImport) -> None:
        skipped, done = result.skipped, result.slots
        seats = {f"seats for {Slot.Doses(key).label}": seats for key, seats in sorted(done.seats.items())}
        self.summarise(
            {
                "first day with seats": str(result.first_day or "none"),
                "last day with seats": str(result.last_day or "none"),
                "days by which the calendar is moved": result.shift.days,
                **seats,
                **_changes(done),
                "rows": result.rows,
                "rows without seats": skipped.without_seats,
                "rows of past days": skipped.past,
                "rows of unknown sites": skipped.unknown_sites.total(),
                "rows of sites that are not open": skipped.closed_sites.total(),
                "rows of other sites than --site": skipped.not_asked_for,
                "rows of no use": len(skipped.problems),
                "seats lost with unknown sites and those not open": skipped.seats_lost,
                "days with more people than seats": len(done.overfull),
            }
        )


def _changes(done: GeneratedSlots) -> dict[str, int]:
    return {
        "slots created": done.created,
        "slots raised": done.raised,
        "slots lowered": done.lowered,
        "slots unchanged": done.unchanged,
    }
