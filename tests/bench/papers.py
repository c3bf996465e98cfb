"""Certificates on paper, in turn with the bare WeasyPrint page of the same look.

The bare page has the same HTML and style sheet. Fonts and style sheets were read before, and its codes are ready as
pictures: it has no template, no signed text to read, no code to draw and to check, and no process of its own.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from uuid import UUID

import psutil
from PIL import Image
from weasyprint import HTML

from certificates.delivery.encryption import encrypted
from certificates.hcert import evidence_number
from certificates.models import Certificate
from certificates.paper import qr
from certificates.paper.certificate_pdf import certificate_pdf, day_pdf
from crs.pdf import rendering, typesetting
from crs.pdf.source import SCHEME, Source
from tests.bench import cpu
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn
from tests.certificates.paper.papers import named

if TYPE_CHECKING:
    from tests.bench.sides import Sides

NAMES = (
    ("Dvořáková", "Marie", None),
    ("Nguyễn", "Thị Hồng", None),
    ("Ґуляй", "Олександр", ("HULIAI", "OLEKSANDR")),
    ("Červenková-Vlčnovská", "Nepomucena Bartoloměja", None),
)
PAPERS_OF_A_TURN = 8
PASSWORD = "kR7mWq4TzXe"
# The memory is read after so many papers each time; a process sets a thousand of them.
PAPERS_OF_A_READING = 50
LEAST_PAPERS = 200
MB = 1 << 20


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """What papers cost, how many times the bare page, and the memory of the process that sets them."""
    certificates = _certificates(PAPERS_OF_A_TURN)
    bare = [_Bare.of(one) for one in certificates]
    ready = [certificate_pdf(one) for one in certificates]
    servers = cpu.Servers(bench=psutil.Process(), database=sides.database)
    turns: dict[str, Callable[[], object]] = {
        "bare page": lambda: [page.pdf() for page in bare],
        "certificate": lambda: [certificate_pdf(one) for one in certificates],
        "certificate encrypted": lambda: [encrypted(certificate_pdf(one), PASSWORD) for one in certificates],
        "encryption alone": lambda: [encrypted(pdf, PASSWORD) for pdf in ready],
        "page of a day": lambda: day_pdf(certificates),
        "code alone": lambda: [qr.modules(one.text) for one in certificates],
    }
    taken = Rounds()
    for number in rounds(seconds * 2 / 3):
        taken.take(number, {name: partial(_measured, servers, work) for name, work in turns.items()})
    figures: dict[str, object] = {}
    for name in taken.names:
        costs = taken.costs(name)
        figures[f"paper: {name}"] = costs
        say(f"{line(name, costs)}   {1000 / costs['cpu ms']:.1f} a processor second")
    for name in ("certificate", "certificate encrypted", "page of a day"):
        ratio = taken.ratio(name, "bare page")
        figures[f"paper: {name} / bare page"] = ratio.figures
        say(compared(f"{name} / bare page", ratio))
    return figures | _memory(certificates, seconds=seconds / 3, say=say)


def _certificates(count: int) -> list[Certificate]:
    """Certificates of different people, really signed and not saved."""
    made = []
    for number in range(count):
        last_name, first_name, spelled = NAMES[number % len(NAMES)]
        columns = {"id": UUID(int=number + 1), "ean": evidence_number.new()}
        made.append(named(last_name, first_name, spelled=spelled, columns=columns))
    return made


def _measured(servers: cpu.Servers, work: Callable[[], object]) -> Turn:
    with turn(servers, count=PAPERS_OF_A_TURN) as measured:
        work()
    return measured


@dataclass(frozen=True)
class _Bare:
    """The page as somebody makes it who knows WeasyPrint well and has nothing else to do."""

    source: Source

    @classmethod
    def of(cls, certificate: Certificate) -> _Bare:
        """The page that `certificate` has, its QR code being a small PNG as WeasyPrint draws codes fastest."""
        with patch.object(rendering.Typesetter, "typeset", lambda _self, source: source):
            source: Any = certificate_pdf(certificate)
        (html,) = source.versions
        code = io.BytesIO()
        Image.open(io.BytesIO(source.pictures["code0.pbm"])).convert("L").save(code, "PNG")
        pictures = {**source.pictures, "code0.png": code.getvalue()}
        html = html.replace("code0.pbm", "code0.png")
        return cls(replace(source, versions=(html,), pictures=pictures))

    def pdf(self) -> bytes:
        """The page as tagged PDF/UA-1."""
        fetcher = typesetting.PaperFetcher(pictures=self.source.pictures)
        html = HTML(string=self.source.versions[0], base_url=SCHEME, url_fetcher=fetcher)
        sheets = [typesetting._fonts_sheet(self.source.faces), typesetting._sheet(self.source.sheet)]
        configuration = typesetting._font_configuration()
        return bytes(html.write_pdf(stylesheets=sheets, font_config=configuration, pdf_variant="pdf/ua-1"))


def _memory(certificates: Sequence[Certificate], *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """The memory of a fresh process that sets papers, after each `PAPERS_OF_A_READING`, until it would be replaced."""
    rendering._typesetter.worker._end()
    readings: list[float] = []
    end = time.monotonic() + seconds
    papers = 0
    while papers < rendering.PAPERS_OF_A_PROCESS and (papers < LEAST_PAPERS or time.monotonic() < end):
        for number in range(PAPERS_OF_A_READING):
            certificate_pdf(certificates[number % len(certificates)])
        papers += PAPERS_OF_A_READING
        process = rendering._typesetter.worker.process
        assert process is not None
        readings.append(psutil.Process(process.pid).memory_info().rss / MB)
    grown = (readings[-1] - readings[0]) * 1024 / (papers - PAPERS_OF_A_READING)
    first, last = f"after {PAPERS_OF_A_READING} papers {readings[0]:.1f} MB", f"after {papers} {readings[-1]:.1f} MB"
    say(f"memory of the process {first}, {last}: {grown:.1f} kB a paper")
    return {"paper: MB of the process": readings, "paper: kB for each": grown}
