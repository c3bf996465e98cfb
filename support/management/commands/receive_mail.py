"""Takes letters to the desks by SMTP or LMTP until it is told to stop."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import CommandParser

from crs.commands import OperationsCommand
from crs.processes.watchdog import Watchdog
from support.mail_in import listener
from support.mail_in.listener import Listener

# A loop that does nothing for so long never will again.
SECONDS_OF_SILENCE = 60


class Command(OperationsCommand):
    help = (
        "Take letters to the help desks by SMTP or LMTP, until SIGTERM or Ctrl-C; letters in work are finished first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--listen",
            metavar="URL",
            default=settings.SUPPORT_LISTENER,
            help="lmtp://host:port or smtp://host:port; port 0 takes a free one (default: %(default)s)",
        )

    def run(self, *args: Any, listen: str, **options: Any) -> None:
        try:
            protocol, host, port = listener.address_of(listen)
        except ValueError as error:
            raise CommandError(f"{error}.") from error
        server = Listener(protocol, host, port)
        try:
            asyncio.run(self._serve(server, listen.partition("://")[0], host))
        except OSError as error:
            raise CommandError(f"Nothing can listen on {listen}: {error.strerror or error}.") from error
        self.summarise({"taken": server.taken, "refused": server.refused}, outcome="stopped")

    async def _serve(self, server: Listener, scheme: str, host: str) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stop.set)
        port = await server.start()
        self.hand_out(f"{self.name}: listening on {scheme}://{f'[{host}]' if ':' in host else host}:{port}")
        watched = asyncio.create_task(_show_life())
        await stop.wait()
        watched.cancel()
        await server.stop()


async def _show_life() -> None:
    watchdog = Watchdog(name="receiver of letters", seconds=SECONDS_OF_SILENCE)
    watchdog.start()
    while True:
        watchdog.alive()
        await asyncio.sleep(1)
