"""A process of its own for tests: it repeats, sleeps or dies as it is told."""

import os
import time

from crs import own_process


def serve() -> None:
    """Answer as told."""
    own_process.serve(_answer)


def _answer(question: bytes) -> bytes:
    if question.startswith(b"sleep"):
        time.sleep(float(question.split()[1]))
    if question == b"die":
        os._exit(3)
    if question == b"environment":
        return " ".join(sorted(os.environ)).encode()
    return question
