"""From a template to a PDF: writes the source of a paper and has it set by a process of its own."""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from crs.pdf.errors import PaperBusy, PaperFailed, PaperLate, PaperUnavailable
from crs.pdf.source import Face, Printing, Source
from crs.staticfiles import packaged_file

logger = logging.getLogger(__name__)

# A letter is printed in the first of these that has it. Each subset has a family of its own: WeasyPrint mixes up the
# letters of several files in one. Each holds the space too, which Pango draws in the font of the letter before it.
_SUBSETS = ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext")
_WEIGHTS = (400, 700)
# Something below WeasyPrint keeps 4 kB of each paper; a new process takes 0.8 s.
PAPERS_OF_A_PROCESS = 1000
COMMAND = [sys.executable, "-c", "from crs.pdf.typesetting import serve; serve()"]


def pdf(
    template: str,
    context: Mapping[str, Any],
    *,
    sheet: str,
    language: str,
    identifier: bytes,
    pictures: Mapping[str, bytes] | None = None,
    denser: Mapping[str, Any] | None = None,
    printing: Printing | None = None,
) -> bytes:
    """The paper that `template` makes of `context` in `language`, with the style sheet `sheet`, as PDF/UA-1.

    Both names stand below `templates/`. The template gets `language` too and names a picture as `paper:NAME`: .png,
    .svg, or .pbm for a code, which is drawn as squares. `identifier` is the same for the same paper, so that two prints
    are one document, byte for byte. Where it would take more than one page, it is printed with `denser` added to its
    context. `printing` is what viewers propose to somebody who prints it.

    Takes no longer than `PAPER_SECONDS`: waits half of them for other papers, then gives this one the other half.
    Raises PaperBusy, PaperLate, PaperFailed, PaperUnavailable.
    """
    contexts = [context] if denser is None else [context, {**context, **denser}]
    with translation.override(language):
        versions = tuple(render_to_string(template, {**one, "language": language}) for one in contexts)
    source = Source(versions, _sheet(sheet), faces(), identifier, pictures or {}, printing or Printing())
    return _typesetter.typeset(source)


class Typesetter:
    """The process that sets papers for all threads of this one, begun when the first paper is wanted."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._papers = 0

    def typeset(self, source: Source) -> bytes:
        """The PDF. Raises PaperBusy, PaperLate, PaperFailed."""
        seconds = settings.PAPER_SECONDS / 2
        if not self._turn.acquire(timeout=seconds):
            raise PaperBusy
        try:
            answer = self._answer(source, seconds)
        finally:
            self._turn.release()
        if isinstance(answer, str):
            raise PaperFailed(answer)
        return answer

    def _answer(self, source: Source, seconds: float) -> bytes | str:
        process, connection = self._running()
        self._papers += 1
        # The end of the process ends every way to wait for it.
        limit = Timer(seconds, process.kill)
        limit.daemon = True
        limit.start()
        try:
            connection.send((source, seconds))
            return connection.recv()
        except (EOFError, OSError) as error:
            self._end()
            logger.warning("A paper was not set within %s s: its process ended with %s", seconds, process.returncode)
            raise PaperLate from error
        except BaseException:
            self._end()  # or its answer would be taken for that to the next source
            raise
        finally:
            limit.cancel()

    def _running(self) -> tuple[subprocess.Popen[bytes], Connection]:
        is_worn = self._papers >= PAPERS_OF_A_PROCESS
        if self._process is None or self._connection is None or self._process.poll() is not None or is_worn:
            self._end()
            ours, its = socket.socketpair()
            with its:
                self._process = subprocess.Popen(COMMAND, cwd=settings.BASE_DIR, stdin=its.fileno())
            self._connection = Connection(ours.detach())
        return self._process, self._connection

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process, self._connection, self._papers = None, None, 0

    def forget(self) -> None:
        """Begin anew in a forked process: the running typesetter and the lock's holder belong to the parent."""
        if self._connection is not None:
            self._connection.close()
        self._turn, self._process, self._connection, self._papers = Lock(), None, None, 0


_typesetter = Typesetter()
os.register_at_fork(after_in_child=_typesetter.forget)


@cache
def _sheet(name: str) -> str:
    return (Path(settings.BASE_DIR) / "templates" / name).read_text()


@cache
def faces() -> tuple[Face, ...]:
    """The fonts of all papers. Raises PaperUnavailable where one is missing: another would be printed in silence."""
    return tuple(
        Face(f"Paper {subset}", weight, _font_file(f"paper/roboto-{subset}-{weight}.woff2"))
        for subset in _SUBSETS
        for weight in _WEIGHTS
    )


def _font_file(name: str) -> Path:
    file = packaged_file(name)
    if file is None:
        raise PaperUnavailable(f"The font {name} is missing: install the front-end packages (make run does).")
    return file
