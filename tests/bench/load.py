"""32 clients with kept-alive connections: little enough work per request to share two cores with a server."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

CLIENTS = 32


@dataclass
class Outcome:
    """What a round of requests gave."""

    seconds: float
    by_status: dict[int, int] = field(default_factory=dict)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Successful requests (2xx, 3xx) a second."""
        return sum(count for status, count in self.by_status.items() if status < 400) / self.seconds


def request(
    method: str, path: str, *, port: int, cookies: dict[str, str], form: dict[str, object] | None = None
) -> bytes:
    """The bytes of one HTTP/1.1 request."""
    body = urlencode(form or {}).encode()
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if form is not None:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def run(requests: Sequence[bytes], *, port: int, clients: int = CLIENTS) -> Outcome:
    """Send all `requests`, shared out among `clients` connections, and wait for every answer."""
    return asyncio.run(_run(iter(requests), port, clients))


async def _run(requests: Iterator[bytes], port: int, clients: int) -> Outcome:
    outcome = Outcome(0.0)
    began = time.perf_counter()
    await asyncio.gather(*(_client(requests, port, outcome) for _ in range(clients)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def _client(requests: Iterator[bytes], port: int, outcome: Outcome) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for data in requests:
        began = time.perf_counter()
        writer.write(data)
        status = await _answer(reader)
        outcome.latencies.append(time.perf_counter() - began)
        outcome.by_status[status] = outcome.by_status.get(status, 0) + 1
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    marker = b"content-length: "
    at = head.find(marker)
    if at >= 0:
        length = int(head[at + len(marker) : head.index(b"\r\n", at)])
        if length:
            await reader.readexactly(length)
    elif b"transfer-encoding: chunked" in head:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head[9:12])
