"""An IMAP server that says what the test tells it to, where a real one cannot be made to misbehave."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# The command as the client said it, without its tag, and the answer without the tag's line; None: silence; bytes that
# end in HANG_UP: the connection is closed after them.
Answers = Callable[[str], bytes | None]
HANG_UP = b"<hang up>"


@contextmanager
def imap_server(answers: Answers) -> Iterator[int]:
    """Answer each client by `answers`; the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            with client:
                _converse(client, answers, is_over)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        is_over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def usual(*letters: bytes, sizes: dict[int, int] | None = None, validity: int = 1) -> Answers:
    """A folder with these letters, of UIDs from 1; `sizes` are lies about their lengths."""

    def answer(command: str) -> bytes | None:
        name = command.split()[0].upper()
        if name == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n"
        if name == "SELECT":
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d]\r\n" % (len(letters), validity)
        if name == "STATUS":
            return b"* STATUS INBOX (UIDVALIDITY %d)\r\n" % validity
        if name == "FETCH":
            told = [(sizes or {}).get(uid, len(letter)) for uid, letter in enumerate(letters, 1)]
            return b"".join(
                b"* %d FETCH (UID %d RFC822.SIZE %d FLAGS ())\r\n" % (uid, uid, size)
                for uid, size in enumerate(told, 1)
            )
        if found := re.match(r"UID FETCH (\d+) .*<0\.(\d+)>", command, re.IGNORECASE):
            letter = letters[int(found[1]) - 1][: int(found[2])]
            return b"* %s FETCH (UID %s BODY[]<0> {%d}\r\n%s)\r\n" % (
                found[1].encode(), found[1].encode(), len(letter), letter,
            )  # fmt: skip
        return b""

    return answer


def _converse(client: socket.socket, answers: Answers, is_over: threading.Event) -> None:
    client.sendall(b"* OK hello\r\n")
    with client.makefile("rb") as lines:
        for line in lines:
            tag, _, command = line.decode().strip().partition(" ")
            answer = answers(command)
            if answer is None:
                is_over.wait(30)
                return
            try:
                if answer.endswith(HANG_UP):
                    client.sendall(answer.removesuffix(HANG_UP))
                    return
                client.sendall(answer + f"{tag} OK done\r\n".encode())
            except OSError:
                return
