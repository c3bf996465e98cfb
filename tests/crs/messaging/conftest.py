"""The far ends of the wires: a Twilio and a mail server that run here, and really answer."""

import json
import socket
import threading
from collections.abc import Iterator
from copy import deepcopy
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def _probe_templates(settings: Settings) -> None:
    """The templates `probe/…` of these tests, and a carrier that is never too slow for them."""
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"].append(Path(__file__).parent / "templates")
    settings.TEMPLATES = templates
    settings.SMS_PER_SECOND = settings.EMAIL_PER_SECOND = 10_000


class FarTwilio:
    """Twilio's side: what it was asked to send, and what it is told to answer."""

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        self.answers: list[tuple[int, object]] = []
        self._lock = threading.Lock()
        far_end = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, answer = far_end.take({key: values[0] for key, values in parse_qs(body).items()})
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, form: dict[str, str]) -> tuple[int, object]:
        """Note the request and choose the answer."""
        with self._lock:
            self.received.append(form)
            number = len(self.received)
            if self.answers:
                return self.answers.pop(0)
        return 201, {"sid": f"SM{number:032d}", "status": "queued"}

    def refuse(self, status: int, code: int, message: str = "no") -> None:
        """Answer the next request with one of Twilio's errors."""
        self.answers.append((status, {"code": code, "message": message, "status": status}))

    @property
    def recipients(self) -> list[str]:
        """To whom it was asked to send, in order."""
        return [form["To"] for form in self.received]


@pytest.fixture
def twilio(settings: Settings) -> Iterator[FarTwilio]:
    """CRS configured for Twilio, with a real HTTP server in its place."""
    far_end = FarTwilio()
    thread = threading.Thread(target=far_end.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    settings.TWILIO_ACCOUNT_SID = "ACtest"
    settings.TWILIO_AUTH_TOKEN = "token"
    settings.TWILIO_SENDER = "+420999888777"
    settings.TWILIO_API_URL = far_end.url
    settings.PUBLIC_URL = "https://ockovani.example"
    settings.SMS_GATEWAY = "crs.messaging.gateways.twilio.TwilioGateway"
    settings.INBOX_IS_OPEN = False
    yield far_end
    far_end.server.shutdown()
    far_end.server.server_close()
    thread.join()


class FarMailServer:
    """The mail server's side: the e-mails it took, and the reply it is told to give."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.senders: list[str] = []
        self.lines: list[list[bytes]] = []
        self.replies: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        """Take an e-mail or refuse it."""
        if self.replies:
            return self.replies.pop(0)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.senders.append(envelope.mail_from)
        self.lines.append(envelope.content.splitlines())
        return "250 OK"

    async def handle_RCPT(self, server: object, session: object, envelope: Any, address: str, options: object) -> str:  # noqa: N802
        """Know everybody but nobody@."""
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[FarMailServer]:
    """CRS configured for SMTP, with a real server at the far end."""
    far_end = FarMailServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(far_end, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    settings.EMAIL_GATEWAY = "crs.messaging.gateways.smtp.SmtpGateway"
    settings.DEFAULT_FROM_EMAIL = "Očkování <noreply@ockovani.example>"
    settings.INBOX_IS_OPEN = False
    yield far_end
    controller.stop()
