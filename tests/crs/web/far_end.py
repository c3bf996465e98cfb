"""The far end of the wire: a server that notes every request as it came, and can be silent or hang up."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

SECONDS_OF_SILENCE = 8


@dataclass
class Seen:
    """One request: its headers as they came, and its body."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header that web would take for `name`."""
        return [value for key, value in self.headers if key.lower().replace("_", "-") == name.lower()]


@dataclass
class FarEnd:
    """Listens on `port`; `/silent/` is never answered, `/gone/` is hung up on."""

    seen: list[Seen] = field(default_factory=list)
    # By path: answers that were handed over whole.
    answered: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        far_end = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                far_end.seen.append(Seen(self.command, self.path, self.headers.items(), self.rfile.read(length)))
                if self.path.startswith("/silent/"):
                    time.sleep(SECONDS_OF_SILENCE)
                if self.path.startswith(("/silent/", "/gone/")):
                    self.close_connection = True
                    return
                answer = b"x" * 1_000_000 if self.path.startswith("/large/") else b"noted"
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                far_end.answered[self.path] += 1

            do_POST = do_GET  # noqa: N815

            def log_request(self, code: object = "-", size: object = "-") -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()
