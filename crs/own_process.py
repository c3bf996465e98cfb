"""Work for which a web process or a worker is too precious: a process of its own does it, one question at a time.

So it is with libraries in C that are not safe in threads, or that open what strangers send. The process that asks
starts the other one, ends it when it is late, and replaces it when it is lost. Questions and answers are bytes: what
comes back is only as good as what was read there, so the one that asks must not unpickle it.

`OwnProcess` is the half of those who ask, `serve` that of the process. Neither needs Django.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from struct import Struct
from threading import Event, Lock, Timer

logger = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[1]
# Before each question stands the time that it may take.
_SECONDS = Struct("!d")


class Busy(Exception):
    """Others had the process for as long as the question could wait."""


class Lost(Exception):
    """The process died before it answered: of a hole in a library, of the cap on its memory, or killed."""


class Late(Lost):
    """No answer came within its time, so the process was ended."""


class OwnProcess:
    """The process of `module`, whose `serve()` answers, for all threads of this one; begun with the first question.

    It is replaced after so many `questions`, lest its memory grow. With an `environment` it knows nothing else of ours.
    """

    def __init__(self, module: str, *, questions: int, environment: Mapping[str, str] | None = None) -> None:
        self.command = [sys.executable, "-c", f"from {module} import serve; serve()"]
        self._module = module
        self.questions = questions
        self.turn = Lock()
        self.process: subprocess.Popen[bytes] | None = None
        self._environment = environment
        self._connection: Connection | None = None
        self._asked = 0
        os.register_at_fork(after_in_child=self.forget)

    def ask(self, question: bytes, *, seconds: float, most_bytes: int | None = None) -> bytes:
        """The answer, of at most so many bytes. It waits `seconds` for its turn, and then as long for the answer.

        Raises Busy, Lost and Late.
        """
        if not self.turn.acquire(timeout=seconds):
            raise Busy
        try:
            return self._answer(question, seconds, most_bytes)
        finally:
            self.turn.release()

    def _answer(self, question: bytes, seconds: float, most_bytes: int | None) -> bytes:
        process, connection = self._running()
        self._asked += 1
        is_late = Event()

        def end() -> None:
            # The end of the process ends every way to wait for it.
            is_late.set()
            process.kill()

        limit = Timer(seconds, end)
        limit.daemon = True
        limit.start()
        try:
            connection.send_bytes(_SECONDS.pack(seconds))
            connection.send_bytes(question)
            return connection.recv_bytes(most_bytes)
        except (EOFError, OSError) as error:
            self._end()
            if is_late.is_set():
                logger.warning("%s gave no answer within %s s and was ended", self._module, seconds)
                raise Late from error
            logger.warning("%s gave no answer and ended with %s", self._module, process.returncode)
            raise Lost from error
        except BaseException:
            self._end()  # or its answer would be taken for that to the next question
            raise
        finally:
            limit.cancel()

    def _running(self) -> tuple[subprocess.Popen[bytes], Connection]:
        is_worn = self._asked >= self.questions
        if self.process is None or self._connection is None or self.process.poll() is not None or is_worn:
            self._end()
            ours, its = socket.socketpair()
            with its:
                self.process = subprocess.Popen(
                    self.command, cwd=_ROOT, env=self._environment, stdin=its.fileno(), stdout=subprocess.DEVNULL
                )
            self._connection = Connection(ours.detach())
        return self.process, self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process, self._connection, self._asked = None, None, 0

    def forget(self) -> None:
        """Begin anew in a forked process: the running process and the lock's holder belong to the parent."""
        if self._connection is not None:
            self._connection.close()
        self.turn, self.process, self._connection, self._asked = Lock(), None, None, 0


def serve(answer: Callable[[bytes], bytes]) -> None:
    """Answer each question; standard input is the socket to the process that asks.

    Ends when the other end is closed, however that process came to its end.
    """
    # Ctrl-C and a stopping supervisor address all processes at once; a worker that stops still finishes its work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    connection: Connection = Connection(sys.stdin.fileno())
    while True:
        try:
            (seconds,) = _SECONDS.unpack(connection.recv_bytes())
            question = connection.recv_bytes()
        except EOFError:
            return
        # The process that asked kills this one when it is late. If that process is gone, the kernel's alarm does it.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        connection.send_bytes(answer(question))
        signal.setitimer(signal.ITIMER_REAL, 0)
