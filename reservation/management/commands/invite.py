"""Invites the next people of a priority group."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from logistics.models import Region
from registration.models import PriorityGroup
from reservation import errors, invitations


class Command(BaseCommand):
    help = "Sends PIN2 to the next people of an open group, the oldest first, only as many as there are free pairs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", required=True, help="code of the priority group, such as age-80")
        parser.add_argument("--limit", required=True, type=int, help="invite at most so many people")
        parser.add_argument("--region", help="NUTS3 code: only people who prefer a site there, such as CZ064")
        parser.add_argument("--dry-run", action="store_true", help="say how many would be invited, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        group = self._found(PriorityGroup, options["group"], "priority group")
        region = self._found(Region, options["region"], "region") if options["region"] else None
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more.")
        try:
            done = invitations.invite(
                group=group, limit=options["limit"], now=timezone.now(), region=region, is_dry_run=options["dry_run"]
            )
        except errors.GroupNotOpen as error:
            raise CommandError(f"The priority group {group.code} is not open.") from error
        would = "would be invited" if done.is_dry_run else "invited"
        for code, people in sorted(done.by_region.items()):
            self.stdout.write(f"{code}: {people} {would}")
        self.stdout.write(
            f"{done.invited} people {would}, {done.again} of them again because their PIN2 ran out; "
            f"{done.room} free pairs were not promised yet."
        )

    @staticmethod
    def _found(model: Any, code: str, name: str) -> Any:
        try:
            return model.objects.get(pk=code)
        except model.DoesNotExist:
            known = ", ".join(model.objects.order_by("pk").values_list("pk", flat=True))
            raise CommandError(f"There is no {name} {code!r}. Known: {known}.") from None
