"""Invites the next people of a priority group."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from crs.commands import OperationsCommand, at_least_one
from logistics.models import Region
from registration.models import PriorityGroup
from reservation import errors
from reservation.inviting import invitations


class Command(OperationsCommand):
    help = (
        "Sends PIN2 to the next people of the groups that are invited now, the highest score first and then the "
        "oldest, only as many as there are free pairs of seats. "
        "Nobody is invited twice: a second run takes the people after them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", help="only this priority group, by its code, such as age-80")
        parser.add_argument("--limit", required=True, type=at_least_one, help="invite at most so many people")
        parser.add_argument("--region", help="NUTS3 code: only people who prefer a site there, such as CZ064")
        self.add_dry_run(parser)

    def run(self, *args: Any, **options: Any) -> None:
        group = self._found(PriorityGroup, options["group"], "priority group") if options["group"] else None
        region = self._found(Region, options["region"], "region") if options["region"] else None
        try:
            done = invitations.invite(
                group=group, limit=options["limit"], now=timezone.now(), region=region, is_dry_run=self.is_dry_run
            )
        except errors.GroupNotOpen as error:
            raise CommandError(f"The priority group {options['group']} is not invited now.") from error
        self.table(("people invited",), {code: (people,) for code, people in sorted(done.by_region.items())})
        self.summarise(
            {
                "people invited": done.invited,
                "of them again (PIN2 ran out)": done.again,
                "free pairs that were not promised yet": done.room,
            }
        )

    @staticmethod
    def _found(model: Any, code: str, name: str) -> Any:
        try:
            return model.objects.get(pk=code)
        except model.DoesNotExist:
            known = ", ".join(model.objects.order_by("pk").values_list("pk", flat=True))
            raise CommandError(f"There is no {name} {code!r}. Known: {known}.") from None
