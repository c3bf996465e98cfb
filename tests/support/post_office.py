"""The world's mail: a real SMTP server takes what is sent, and it is carried on until nothing moves any more."""

import smtplib
import socket
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.utils import timezone

from crs.messaging import delivery, preparation
from crs.messaging.models import Message
from support.mail_in.desks import desk_of
from support.mail_in.receiving import accept

# A loop would never end.
MOST_ROUNDS = 100

Robot = Callable[[EmailMessage, str], None]


class PostOffice:
    """Letters to the desks are accepted, those to robots answered, all others lie in mailboxes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.waiting: deque[tuple[str, str, bytes]] = deque()
        self.mailboxes: defaultdict[str, list[EmailMessage]] = defaultdict(list)
        self.robots: dict[str, Robot] = {}
        self.to_desks = 0

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Take a letter, for each of its recipients."""
        for recipient in envelope.rcpt_tos:
            self.waiting.append((envelope.mail_from, recipient, envelope.content))
        return "250 OK"

    def send(self, letter: EmailMessage, sender: str, *recipients: str) -> None:
        """Send a letter by SMTP; an empty `sender` is the null sender."""
        with smtplib.SMTP("127.0.0.1", self.port) as server:
            server.sendmail(sender, recipients, letter.as_bytes(policy=policy.SMTP))

    def settle(self) -> None:
        """Carry letters until nothing moves."""
        for _ in range(MOST_ROUNDS):
            preparation.drain()
            delivery.drain(Message.Channel.EMAIL)
            if not self.waiting:
                return
            while self.waiting:
                self._carry(*self.waiting.popleft())
        raise AssertionError(f"After {MOST_ROUNDS} rounds letters still move.")

    def _carry(self, sender: str, recipient: str, raw: bytes) -> None:
        if desk := desk_of(recipient):
            self.to_desks += 1
            arguments = {"envelope_sender": sender or "<>", "envelope_recipient": recipient}
            accept(raw, desk=desk, now=timezone.now(), **arguments)
            return
        letter = message_from_bytes(raw, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.mailboxes[recipient].append(letter)
        if robot := self.robots.get(recipient):
            robot(letter, sender)


@contextmanager
def open_post_office() -> Iterator[PostOffice]:
    """The server while it runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office = PostOffice(free.getsockname()[1])
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


def letter_of(sender: str, subject: str, text: str, **headers: str) -> EmailMessage:
    """A letter as somebody writes it; the keywords are more headers, '_' for '-'."""
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"], letter["Subject"] = sender, subject
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter
