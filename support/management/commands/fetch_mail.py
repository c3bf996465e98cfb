"""Fetches the letters that lie in the desks' mailboxes, as beat does each minute."""

from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import CommandParser
from django.utils import timezone

from crs.commands import OperationsCommand
from support.mail_in import fetching
from support.mail_in.mailbox import MailboxAway
from support.models import Desk


class Command(OperationsCommand):
    help = "Fetch the letters that lie in the help desks' mailboxes (IMAP), as beat does each minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--desk", choices=Desk.values, help="only the mailbox of this desk")

    def run(self, *args: Any, desk: str | None, **options: Any) -> None:
        desks = [Desk(one) for one, url in settings.SUPPORT_MAILBOXES.items() if url and desk in (None, one)]
        if not desks:
            raise CommandError("There is no mailbox to fetch: set SITES_DESK_MAILBOX or LINE_DESK_MAILBOX.")
        away, fetched, elsewhere = [], fetching.Fetched(), 0
        for one in desks:
            try:
                found = fetching.fetch(one, now=timezone.now())
            except MailboxAway as error:
                away.append(f"The mailbox of {one} cannot be read: {error}")
            else:
                if found is None:
                    elsewhere += 1
                else:
                    fetched += found
        self.list_problems(away, is_failure=True)
        stayed = fetched.waiting + fetched.failed + fetched.too_large
        self.summarise(
            {
                "letters filed": fetched.filed,
                "kept, not filed yet": fetched.waiting,
                "failed, and stayed": fetched.failed,
                "too large, and stayed": fetched.too_large,
                "moved by others meanwhile": fetched.gone,
                "left for the next run": fetched.later,
                "fetched by another process": elsewhere,
            },
            failure=f"{len(away)} mailboxes could not be read, {stayed} letters stayed." if away or stayed else "",
        )
