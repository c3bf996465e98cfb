"""Opens slots from the ministry's capacity files."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.models import VaccinationSite, Vaccine
from logistics.open_data.reader import UnreadableFile
from reservation import capacity_import
from reservation.capacity_import import CapacityImport, ImportPlan, Skipped
from reservation.models import Slot
from reservation.slot_generation import DEFAULT_MINUTES, GeneratedSlots

MOST_LINES = 50  # of one kind in the report, unless -v 2 asks for all


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 240):
        raise ArgumentTypeError(f"{text!r} is not a length from 1 to 240 minutes")
    return int(text)


def _future_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a date (YYYY-MM-DD)") from error
    if day > capacity_import.LAST_DAY:
        raise ArgumentTypeError(f"{text} is too far away")
    return day


class Command(BaseCommand):
    help = (
        "Opens slots: each day's seats in the capacity files, spread over the site's opening hours. Safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from-capacity", type=Path, nargs="+", required=True, metavar="FILE", dest="files", help="CSV or CSV.GZ"
        )
        parser.add_argument(
            "--shift-to",
            type=_future_day,
            metavar="DATE",
            help="move everything by whole weeks so that the earliest day falls on DATE or within six days after it",
        )
        parser.add_argument("--site", type=UUID, help="only this site")
        parser.add_argument("--vaccine", default="comirnaty", help="code of the vaccine (default: %(default)s)")
        parser.add_argument("--minutes", type=_minutes, default=DEFAULT_MINUTES, help="length of a slot (default: 15)")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(
        self,
        *args: Any,
        files: list[Path],
        shift_to: date | None,
        site: UUID | None,
        vaccine: str,
        minutes: int,
        dry_run: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        chosen = Vaccine.objects.filter(pk=vaccine).first()
        if chosen is None:
            raise CommandError(_("There is no vaccine %(code)s.") % {"code": vaccine})
        if site and not VaccinationSite.objects.filter(pk=site).exists():
            raise CommandError(_("There is no site %(id)s.") % {"id": site})
        plan = ImportPlan(files, chosen, minutes=minutes, shift_to=shift_to, only_site=site, is_dry_run=dry_run)
        began = time.monotonic()
        try:
            result = capacity_import.import_capacity(plan=plan, now=timezone.now(), progress=self._progress)
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        if result.slots.created and not dry_run:
            # The planner should not wait for autovacuum to learn that the table is large now.
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(Slot._meta.db_table)}")
        self._report_skipped(result.skipped, MOST_LINES if verbosity < 2 else None)
        self._report_overfull(result.slots, MOST_LINES if verbosity < 2 else None)
        if dry_run:
            self.stdout.write(_("This is a dry run: nothing is written."))
        self._summarise(result, seconds=time.monotonic() - began)

    def _progress(self, read: int, rows: int, done: GeneratedSlots) -> None:
        values = {"read": read, "rows": rows, "slots": done.created + done.unchanged + done.raised + done.lowered}
        self.stdout.write(_("row %(read)d of %(rows)d, slots: %(slots)d") % values)

    def _report_skipped(self, skipped: Skipped, most: int | None) -> None:
        self._list([str(problem) for problem in skipped.problems], most)
        for sites, text in (
            (skipped.unknown_sites, _("unknown site %(id)s %(name)s, rows: %(rows)d")),
            (skipped.closed_sites, _("site that is not open %(id)s %(name)s, rows: %(rows)d")),
        ):
            lines = [text % {"id": key, "name": name, "rows": rows} for (key, name), rows in sites.most_common()]
            self._list(lines, most)

    def _report_overfull(self, done: GeneratedSlots, most: int | None) -> None:
        text = _(
            "site %(id)s, %(day)s, %(doses)s: more people are booked than there are seats, by %(people)d; "
            "they keep theirs"
        )
        lines = [
            text
            % {
                "id": over.site_id,
                "day": over.day,
                "doses": Slot.Doses(over.for_doses).label,
                "people": over.people_over,
            }
            for over in done.overfull
        ]
        self._list(lines, most)

    def _list(self, lines: list[str], most: int | None) -> None:
        for line in lines[:most]:
            self.stderr.write(line)
        if most is not None and len(lines) > most:
            self.stderr.write(
                _("… and more lines like this: %(count)d (all of them with -v 2)") % {"count": len(lines) - most}
            )

    def _summarise(self, result: CapacityImport, *, seconds: float) -> None:
        skipped, done = result.skipped, result.slots
        if result.shift:
            self.stdout.write(_("The calendar is moved by %(days)d days.") % {"days": result.shift.days})
        if result.first_day:
            days = {"first": result.first_day, "last": result.last_day}
            self.stdout.write(_("Days with seats: %(first)s to %(last)s.") % days)
        for for_doses, seats in sorted(done.seats.items()):
            self.stdout.write(
                _("Seats for %(doses)s: %(seats)d.") % {"doses": Slot.Doses(for_doses).label, "seats": seats}
            )
        self.stdout.write(
            _("Slots created: %(created)d, raised: %(raised)d, lowered: %(lowered)d, unchanged: %(unchanged)d.")
            % {
                "created": done.created,
                "raised": done.raised,
                "lowered": done.lowered,
                "unchanged": done.unchanged,
            }
        )
        self.stdout.write(
            _(
                "Of %(rows)d rows: %(empty)d without seats, %(past)d of past days, %(unknown)d of unknown sites, "
                "%(closed)d of closed sites, %(other)d of other sites, %(bad)d unusable; seats lost with "
                "unknown and closed sites: %(lost)d."
            )
            % {
                "rows": result.rows,
                "empty": skipped.without_seats,
                "past": skipped.past,
                "unknown": skipped.unknown_sites.total(),
                "closed": skipped.closed_sites.total(),
                "other": skipped.not_asked_for,
                "bad": len(skipped.problems),
                "lost": skipped.seats_lost,
            }
        )
        self.stdout.write(_("It took %(seconds).1f s.") % {"seconds": seconds})
