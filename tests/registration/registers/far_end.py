"""A register at the far end of the wire, which answers as a test says."""

import json
import socket
import ssl
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Answering = Callable[["Handler"], None]
PERSON = {
    "found": True,
    "first_name": "Jana",
    "last_name": "Nováková",
    "birth_date": "1968-04-02",
    "insurer": "111",
    "insured_until": None,
    "died_on": None,
}


class Handler(BaseHTTPRequestHandler):
    """Reads the question and lets the register answer it."""

    protocol_version = "HTTP/1.1"
    server: "Register"

    def do_POST(self) -> None:
        """Answer a question."""
        self.question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), self.question))
        self.server.answering(self)

    def answer(self, body: Any, status: int = 200, **headers: str) -> None:
        """Send `body` as JSON, or as it is where it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def person(self, **fields: Any) -> dict[str, Any]:
        """Jana's record, about the number that was asked."""
        return {"number": self.question["number"], **PERSON, **fields}

    def drip(self, data: bytes, seconds: float) -> None:
        """Send `data` byte by byte, until the other side has gone or the test is over."""
        try:
            for byte in data:
                self.connection.sendall(bytes([byte]))
                if self.server.is_over.wait(seconds):
                    return
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


class Register(ThreadingHTTPServer):
    """Answers at a free port; `answering` may be changed at any time."""

    daemon_threads = True
    scheme = "http"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.answering: Answering = lambda handler: handler.answer(handler.person())
        self.is_over = Event()
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{self.scheme}://localhost:{self.server_port}/v1/insured"

    def encrypt(self, certificate: str) -> None:
        """Speak TLS with the certificate and key of a file from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are what these tests are about."""

    def end(self) -> None:
        """Stop, and let go of whoever is answered slowly."""
        self.is_over.set()
        self.shutdown()
        self.server_close()


def nobody_listens() -> str:
    """An address where nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://localhost:{taken.getsockname()[1]}/"
