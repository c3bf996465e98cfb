"""Invites the next people of a priority group."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.utils import timezone

from crs.commands import OperationsCommand, at_least_one
from logistics.models import District, Region, VaccinationSite
from registration.models import PriorityGroup
from reservation import errors
from reservation.inviting import coming, invitations
from reservation.inviting.invitations import Chosen
from reservation.inviting.room import Place

PLACES = {"region": Region, "district": District, "site": VaccinationSite}
KNOWN_LISTED = 100


class Command(OperationsCommand):
    help = (
        "Sends PIN2 to the next people of the groups that are invited now, the highest score first and then the "
        "oldest, only as many as there are free pairs of seats. "
        "Each few hundred people commit, so a run that is stopped is just started again: nobody is invited twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--group", help="only this priority group, by its code, such as age-80")
        parser.add_argument("--limit", required=True, type=at_least_one, help="invite at most so many people")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--region", help="NUTS3 code: only people who prefer a site there, such as CZ064")
        place.add_argument("--district", help="code of a district: the same there, such as CZ0642")
        place.add_argument("--site", type=UUID, help="key of a vaccination site: only people who prefer it")
        self.add_dry_run(parser)

    def run(self, *args: Any, **options: Any) -> None:
        group = self._found(PriorityGroup, options["group"], "priority group") if options["group"] else None
        place: Place | None = None
        for name, model in PLACES.items():
            place = self._found(model, options[name], name) if options[name] else place
        self._chosen = 0
        try:
            done = invitations.invite(
                group=group,
                limit=options["limit"],
                now=timezone.now(),
                place=place,
                is_dry_run=self.is_dry_run,
                tell=self._tell,
            )
        except errors.GroupNotOpen as error:
            raise CommandError(f"The priority group {options['group']} is not invited now.") from error
        self.table(("people invited",), {code: (people,) for code, people in sorted(done.by_region.items())})
        self.summarise(
            {
                "people invited": done.invited,
                "of them again (PIN2 ran out)": done.again,
                "free pairs that were not promised yet": done.room,
                "of 100 people with PIN2 are expected to come": round(coming.share() * 100),
            }
        )

    def _tell(self, chosen: Sequence[Chosen]) -> None:
        """Of a dry run the numbers of registrations, as they would be invited; no names."""
        self._chosen += len(chosen)
        if self.is_dry_run and chosen and self.verbosity > 0:
            self.hand_out("".join(f"{one.number} {one.region}\n" for one in chosen))
        self.progress("people", self._chosen)

    @staticmethod
    def _found(model: Any, code: str, name: str) -> Any:
        try:
            return model.objects.get(pk=code)
        except model.DoesNotExist:
            known = [str(key) for key in model.objects.order_by("pk").values_list("pk", flat=True)[:KNOWN_LISTED]]
            raise CommandError(f"There is no {name} {str(code)!r}. Known: {', '.join(known)}.") from None
