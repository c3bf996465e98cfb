"""Letters to the help desks: taken by `receive_mail` over LMTP, in turn with the stdlib's own parse of the same bytes.

Then the desk's lists with all these tickets, in turn with the bare page.
"""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics.models import District, Role, StaffRole, VaccinationSite
from support.desk import lists
from support.letters import reading
from support.letters.identity import message_key
from support.mail_in import receiving
from support.mail_in.desks import desk_of
from support.mail_out import tokens
from support.models import Letter, Ticket
from tests.bench import cpu, letters_mix, pages, population
from tests.bench.letters_mix import Coming, Thread, address_of
from tests.bench.pages import Page
from tests.bench.turns import Rounds, Turn, compared, line, turn
from tests.stack import free_port
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.bench.sides import Sides

# 10,000 where nobody asks for more or fewer seconds.
LETTERS_A_SECOND = 250
A_TURN = 500
CLIENTS = 4
SITES = 300
SECONDS_OF_PAGES = 6.0
# Its letters, files, notes, history and links have one each, and each look at it is written down.
QUERIES_OF_A_TICKET = 25
# The number of the first letter of those that are taken in this process.
UNSENT = 1_000_000
MB = 1 << 20


@dataclass
class Memory:
    """Of the receiver and of the process that reads texts for it, in MB after each turn."""

    process: psutil.Process
    now: list[float] = field(default_factory=list)
    peak: list[float] = field(default_factory=list)
    reader: list[float] = field(default_factory=list)

    def read(self) -> None:
        """Note what they have, and the most that the receiver ever had."""
        self.now.append(self.process.memory_info().rss / MB)
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        self.peak.append(int(status.partition("VmHWM:")[2].split()[0]) / 1024)
        self.reader.append(sum(child.memory_info().rss for child in self.process.children(recursive=True)) / MB)


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """What a letter costs, how many times the stdlib's parse, and the memory of the process that takes them."""
    count = max(2, round(seconds * LETTERS_A_SECOND / A_TURN)) * A_TURN
    _make_sites()
    threads = Threads()
    with _receiver(sides) as (process, port):
        figures = _taken(sides, process, port, count, threads, say)
    return figures | _statements(threads.known, say) | _desk(sides, say)


def _make_sites() -> None:
    """Of a tenth of the people the site is known."""
    district = District.objects.get(code="CZ0100")
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Desk {number}", district=district, address="Dlouhá 1", email=address_of(number))
        for number in range(SITES)
    )


# --- letters in ---------------------------------------------------------------------------------


@contextmanager
def _receiver(sides: Sides) -> Iterator[tuple[psutil.Process, int]]:
    """`manage.py receive_mail`, and its port."""
    port = free_port()
    # A name of its own for its tasks: no worker sends the receipts beside it.
    tasks = f"{sides.stack.environment['CACHE_PREFIX']}:letters"
    arguments = ["manage.py", "receive_mail", "--listen", f"lmtp://127.0.0.1:{port}"]
    started = sides.stack.spawn("receiver", arguments, CACHE_PREFIX=tasks)
    wait_until(partial(_listens, port), "the receiver does not listen")
    try:
        yield psutil.Process(started.pid), port
    finally:
        started.terminate()
        started.wait(60)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _taken(
    sides: Sides, process: psutil.Process, port: int, count: int, threads: Threads, say: Callable[[str], None]
) -> dict[str, object]:
    receiver = cpu.Servers(receiver=process, database=sides.database, valkey=cpu.valkey())
    bench = cpu.Servers(python=psutil.Process())
    taken, memory, size, failed = Rounds(), Memory(process), 0, 0
    for number in range(-1, count // A_TURN):
        first = (number + 1) * A_TURN
        coming = letters_mix.letters(range(first, first + A_TURN), threads=threads.known)
        raws = [one.raw for one in coming]
        could: list[object] = []
        turns: dict[str, Callable[[], Turn]] = {
            "letter taken": partial(_take, receiver, port, coming),
            "letter read": partial(_read, bench, raws, reading.read),
            "stdlib's parse": partial(_read, bench, raws, _parse, could),
        }
        taken.take(number, turns)
        memory.read()
        threads.look()
        _check(coming, first + A_TURN)
        if number < 0:
            population.analyse()
        else:
            size += sum(map(len, raws))
            failed += could.count(False)
    figures: dict[str, object] = {}
    for name in taken.names:
        figures[name] = costs = taken.costs(name)
        say(line(name, costs))
    for above in ("letter taken", "letter read"):
        name, ratio = f"{above} / stdlib's parse", taken.ratio(above, "stdlib's parse")
        figures[name] = ratio.figures
        say(compared(name, ratio))
    whole, parse = taken.whole("letter taken"), taken.whole("stdlib's parse")
    rate, bytes_rate = whole.count / whole.wall, size / MB / whole.wall
    say(
        f"{whole.count:,} letters of {size / MB:.0f} MB taken in {whole.wall:.0f} s on the clock: {rate:.0f} a second, "
        f"{bytes_rate:.1f} MB; cpu {whole.cpu_ms():.2f} ms each, the stdlib's {parse.cpu_ms():.2f} ms, "
        f"which raises for {failed} of them"
    )
    say(
        f"MB of the receiver after {A_TURN} letters {memory.now[0]:.0f}, at most {memory.peak[0]:.0f}; after all "
        f"{memory.now[-1]:.0f}, at most {memory.peak[-1]:.0f}; its helper {max(memory.reader):.0f}"
    )
    figures["letters"] = {
        "count": whole.count,
        "MB": size / MB,
        "a second": rate,
        "cpu ms of all": whole.cpu_ms(),
        "cpu ms of all, stdlib": parse.cpu_ms(),
        "stdlib raises for": failed,
        "MB of the receiver": memory.now,
        "MB of the receiver at most": memory.peak,
        "MB of its reader": memory.reader,
    }
    return figures


def _take(servers: cpu.Servers, port: int, coming: Sequence[Coming]) -> Turn:
    """Send all letters over a few connections. Ends the bench where one is not taken."""
    with ThreadPoolExecutor(CLIENTS) as clients, turn(servers, count=len(coming)) as measured:
        list(clients.map(partial(_send, port), [coming[at::CLIENTS] for at in range(CLIENTS)]))
    return measured


def _send(port: int, coming: Sequence[Coming]) -> None:
    with smtplib.LMTP("127.0.0.1", port, timeout=120) as client:
        for one in coming:
            try:
                client.sendmail(one.sender, [one.recipient], one.raw)
            except smtplib.SMTPException as refusal:
                raise SystemExit(f"a letter ({one.kind}) was not taken: {refusal}") from refusal


def _read(
    servers: cpu.Servers, raws: Sequence[bytes], read: Callable[[bytes], object], answers: list[object] | None = None
) -> Turn:
    """Read all letters, and keep the answers where a list for them is given."""
    with turn(servers, count=len(raws)) as measured:
        for raw in raws:
            answer = read(raw)
            if answers is not None:
                answers.append(answer)
    return measured


def _parse(raw: bytes) -> bool:
    """The yardstick: head, bodies and files as Python's own library gives them; whether it could."""
    try:
        message = message_from_bytes(raw, policy=policy.default)
        for name in ("from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"):
            str(message[name])
        for part in message.walk():
            if not part.is_multipart():
                part.get_content()
    except Exception:  # it raises a dozen kinds
        return False
    return True


def _check(coming: Sequence[Coming], count: int) -> None:
    """Ends the bench unless all letters that ever came are at tickets, and the replies at those that they answer."""
    of_letters = Letter.objects.filter(direction=Letter.Direction.IN)
    filed = of_letters.exclude(state=Letter.State.RECEIVED).count()
    if filed != count:
        raise SystemExit(f"{filed} letters are at tickets, expected {count}")
    replies = {message_key(one.message_id): one.thread.ticket_id for one in coming if one.thread is not None}
    found = dict(of_letters.filter(message_key__in=replies).values_list("message_key", "ticket"))
    if found != replies:
        raise SystemExit("a reply is not at the ticket that it answers")


class Threads:
    """The tickets of which a receipt was sent, to reply to."""

    def __init__(self) -> None:
        self.known: list[Thread] = []
        self._last = 0

    def look(self) -> None:
        """Learn of the new ones."""
        receipts = Letter.objects.filter(kind=Letter.Kind.RECEIPT, pk__gt=self._last).select_related("ticket")
        for one in receipts.order_by("pk"):
            assert one.ticket is not None, "a receipt is at its ticket"
            address = tokens.reply_address(one.ticket)
            self.known.append(Thread(one.ticket.pk, address, one.message_id, one.to_address))
            self._last = one.pk


def _statements(threads: Sequence[Thread], say: Callable[[str], None]) -> dict[str, object]:
    """How many statements a letter takes, BEGIN and COMMIT among them, but for those that write bytes."""
    counts = {}
    for one in letters_mix.letters(range(UNSENT, UNSENT + 100), threads=threads):
        if one.kind not in counts and one.kind in ("plain", "file", "reply"):
            desk = desk_of(one.recipient)
            assert desk is not None, "letters go to desks"
            envelope = {"envelope_sender": one.sender, "envelope_recipient": one.recipient}
            with CaptureQueriesContext(connection) as captured:
                receiving.accept(one.raw, desk=desk, now=timezone.now(), **envelope)
            counts[one.kind] = len(captured)
    say("statements for a letter: " + ", ".join(f"{kind} {count}" for kind, count in counts.items()))
    return {"statements for a letter": counts}


# --- the desk's pages ---------------------------------------------------------------------------


def _desk(sides: Sides, say: Callable[[str], None]) -> dict[str, object]:
    """The lists of a dispatcher with all tickets, a search for two words, and a ticket."""
    population.analyse()
    name = f"{Ticket.objects.count():,} tickets"
    session = _dispatcher()
    ticket = Letter.objects.filter(kind=Letter.Kind.AUTO_REPLY, ticket__isnull=False).values_list("ticket", flat=True)[
        0
    ]
    lists_of = {"my level": lists.LEVEL, "all open": lists.ALL, "late": lists.LATE, "found": lists.FOUND}
    say(name)
    shown = [
        Page(f"desk, {name}", f"{reverse('support:desk')}?pohled={key}", session) for name, key in lists_of.items()
    ]
    shown.append(
        Page("desk, a ticket", reverse("support:ticket", args=[ticket]), session, most_queries=QUERIES_OF_A_TICKET)
    )
    return pages.ask(sides, shown, seconds=SECONDS_OF_PAGES, say=say)


def _dispatcher() -> str:
    """The session of one who has looked for something."""
    user = User.objects.create(username="bench-dispatcher", password="!", is_staff=True)
    StaffRole.objects.create(user=user, role=Role.SUPPORT_L2)
    device = TOTPDevice.objects.create(user=user, name="bench", confirmed=True)
    return population.make_session(
        _auth_user_id=str(user.pk),
        _auth_user_backend="crs.accounts.backend.Accounts",
        _auth_user_hash=user.get_session_auth_hash(),
        otp_device_id=device.persistent_id,
        support_search="tiskarna stitku",
    )
