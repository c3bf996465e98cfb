"""The second factor of the demonstration's logins: the code that an authenticator app would show now."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import ProgrammingError
from django.utils import timezone

from crs.accounts import second_factor
from crs.commands import OperationsCommand
from crs.secrets import secret
from logistics.staff import demo

STEP = 30


class Command(OperationsCommand):
    help = "Prints the code of a demonstration login for the second step of logging in. Only in a local run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "user", nargs="?", default=demo.ADMINISTRATOR, choices=demo.LOGINS, help="whose (default: %(default)s)"
        )
        parser.add_argument("--key", action="store_true", help="the key of all of them, to add to an authenticator app")

    def run(self, *args: Any, user: str, key: bool, **options: Any) -> None:
        if not settings.IS_LOCAL:
            raise CommandError("There are no demonstration logins here: DATABASE_URL is set.")
        if key:
            self.stdout.write(second_factor.readable_key(secret("DEMO_TOTP_KEY")))
            return
        try:
            device = demo.device(user)
        except ProgrammingError as error:  # no tables yet
            raise CommandError("There is no demonstration yet; `make run` makes it.") from error
        if device is None:
            raise CommandError(f"The login {user} is not there, or has an app of its own by now. Run load_demo.")
        now = timezone.now()
        code, left = second_factor.current_code(device, at=now), STEP - int(now.timestamp()) % STEP
        self.stdout.write(f"{code}  (for {user}, {left} more seconds; each code works once)")
