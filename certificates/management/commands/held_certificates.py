"""Shows what an unusual burst of requests holds, and releases or rejects it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from certificates.issuing import bursts
from crs.commands import OperationsCommand, at_least_one


class Command(OperationsCommand):
    help = (
        "Lists the certificates that are held because somebody asked for unusually many in an hour, and releases or "
        "rejects those of one issuer, site and hour."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The number of a burst is that of its newest request, as `list` shows it."""
        parser.add_argument("act", choices=("list", "release", "reject"), help="what to do")
        parser.add_argument("number", nargs="?", type=at_least_one, help="the number of a burst, as `list` shows it")
        parser.add_argument("--reason", default="", help="why; it is kept in the history")

    def run(self, *args: Any, **options: Any) -> None:
        if options["act"] == "list":
            self._list()
            return
        number = options["number"]
        if number is None:
            raise CommandError("Name the number of a burst, as `held_certificates list` shows it.")
        if not options["reason"].strip():
            raise CommandError("Say why with --reason: it is kept in the history.")
        if not bursts.is_known(number):
            raise CommandError(f"There is no burst {number}. `held_certificates list` shows what is held.")
        act = bursts.release if options["act"] == "release" else bursts.reject
        count = act(request_id=number, reason=options["reason"], by=None, now=timezone.now())
        self.summarise({"released" if options["act"] == "release" else "rejected": count})

    def _list(self) -> None:
        found = bursts.bursts()
        self.table(
            ("hour", "held", "issued"),
            {
                f"{burst.last_id}  {burst.issuer or 'machines'}{f'  {burst.site}' if burst.site else ''}": (
                    f"{timezone.localtime(burst.begins_at):%Y-%m-%d %H:%M}",
                    burst.held,
                    burst.issued,
                )
                for burst in found
            },
        )
        self.summarise({"bursts": len(found), "held": sum(burst.held for burst in found)})
