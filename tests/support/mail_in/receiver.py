"""The receiver of letters, in a thread of the test or in a process that dies; and letters to send to it."""

import asyncio
import multiprocessing
import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection as Pipe
from multiprocessing.process import BaseProcess
from typing import Self

from django.db import connection, connections
from django.db.models import QuerySet

from support.mail_in import listener
from support.mail_in.listener import Listener
from support.models import Letter
from tests.support.mail_in.letters import SITES
from tests.waiting import wait_until

SENDER = "jana@example.cz"
# Of each recipient: code and words.
Refused = dict[str, tuple[int, bytes]]


def letter(*, subject: str = "Lednice", text: str = "Lednice je teplá.", more: str = "") -> bytes:
    """A letter as a mail program sends it."""
    words = (
        f"From: Jana <{SENDER}>\nTo: {SITES}\nSubject: {subject}\nMessage-ID: <{subject}@example.cz>\n{more}"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        f"\n{text}\n"
    )
    return words.replace("\n", "\r\n").encode()


def came() -> QuerySet[Letter]:
    """The letters that came in; receipts are letters, too."""
    return Letter.objects.filter(direction=Letter.Direction.IN)


class Receiver:
    """A listener that takes letters while the `with` lasts."""

    def __init__(self, scheme: str = "smtp") -> None:
        self.scheme = scheme
        self.loop = asyncio.new_event_loop()
        self.listener = Listener(listener.PROTOCOLS[scheme], "127.0.0.1", 0)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self.listener.start(), self.loop).result(10)
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    def stop(self) -> None:
        """What SIGTERM makes of it."""
        asyncio.run_coroutine_threadsafe(self.listener.stop(), self.loop).result(30)

    def send(self, content: bytes, *recipients: str, sender: str = SENDER) -> Refused:
        """As `deliver`."""
        return deliver(self.port, content, *recipients, sender=sender, scheme=self.scheme)

    def talk(self) -> "Talk":
        """A conversation of which the test says every byte."""
        return Talk(self.port, "LHLO" if self.scheme == "lmtp" else "EHLO")


class Talk:
    """A client of the bytes that the test gives it."""

    def __init__(self, port: int, hello: str = "EHLO") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._reader = self.socket.makefile("rb")
        self._hello = hello

    def __enter__(self) -> Self:
        assert self.answer().startswith("220")
        return self

    def __exit__(self, *raised: object) -> None:
        self._reader.close()
        self.socket.close()

    def greet(self, recipient: str = SITES) -> None:
        """Go as far as the first byte of a letter."""
        for line in (f"{self._hello} test", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<{recipient}>"):
            assert self.say(line).startswith("250")
        assert self.say("DATA").startswith("354")

    def say(self, line: str | bytes) -> str:
        """Say a command; the last line of its answer."""
        self.socket.sendall((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.answer()

    def answer(self) -> str:
        """The last line of an answer; empty where the server has closed."""
        while (line := self._reader.readline().decode()) and line[3:4] == "-":
            continue
        return line.rstrip()


def deliver(port: int, content: bytes, *recipients: str, sender: str = SENDER, scheme: str = "smtp") -> Refused:
    """Send a letter with the library of Python, to the desk of the sites unless others are named; who was refused."""
    client = (smtplib.LMTP if scheme == "lmtp" else smtplib.SMTP)("127.0.0.1", port, timeout=20)
    with client:
        return client.sendmail(sender, recipients or [SITES], content)


def in_process(work: Callable[[Pipe], None]) -> tuple[BaseProcess, Pipe]:
    """A process of its own that does `work`, as the test left the database."""
    # A connection must not be shared by two processes, nor the pool's own threads.
    connections.close_all()
    connection.close_pool()  # type: ignore[attr-defined]
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def receive(pipe: Pipe) -> None:
    """Receive letters until killed; the port is written into the pipe."""
    with closing(pipe), Receiver() as receiver:
        pipe.send(receiver.port)
        threading.Event().wait()


def killed(process: BaseProcess) -> bool:
    """Whether it ended by SIGKILL."""
    wait_until(lambda: process.exitcode is not None, "it lives", pause=0.02)
    return process.exitcode == -9
