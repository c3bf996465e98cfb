"""From a template to a PDF: writes the source of a paper and has it set by a process of its own."""

import pickle
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from crs.no_break import unbroken
from crs.own_process import Busy, Lost, OwnProcess
from crs.pdf.errors import PaperBusy, PaperFailed, PaperLate, PaperUnavailable
from crs.pdf.source import Face, Printing, Source
from crs.staticfiles import packaged_file

# A letter is printed in the first of these that has it. Each subset has a family of its own: WeasyPrint mixes up the
# letters of several files in one. Each holds the space too, which Pango draws in the font of the letter before it.
_SUBSETS = ("latin", "latin-ext", "vietnamese", "cyrillic", "cyrillic-ext")
_WEIGHTS = (400, 700)
# Something below WeasyPrint keeps 4 kB of each paper; a new process takes 0.8 s.
PAPERS_OF_A_PROCESS = 1000
# Of each PDF; a process that could not set a paper answers with a text.
PDF_MARK = b"%PDF-"


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
        versions = tuple(_unbroken(render_to_string(template, {**one, "language": language})) for one in contexts)
    source = Source(versions, _sheet(sheet), faces(), identifier, pictures or {}, printing or Printing())
    return _typesetter.typeset(source)


def _unbroken(html: str) -> str:
    """The page with what comes out of rows kept on its lines, too; the texts of the catalogs are so already."""
    head, start, body = html.partition("<body")
    return head + unbroken(start + body)


class Typesetter:
    """The process that sets papers for all threads of this one, begun when the first paper is wanted."""

    def __init__(self) -> None:
        self.worker = OwnProcess("crs.pdf.typesetting", questions=PAPERS_OF_A_PROCESS)

    def typeset(self, source: Source) -> bytes:
        """The PDF. Raises PaperBusy, PaperLate, PaperFailed."""
        try:
            answer = self.worker.ask(pickle.dumps(source), seconds=settings.PAPER_SECONDS / 2)
        except Busy as error:
            raise PaperBusy from error
        except Lost as error:
            raise PaperLate from error
        if not answer.startswith(PDF_MARK):
            raise PaperFailed(answer.decode(errors="replace"))
        return answer


_typesetter = Typesetter()


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
