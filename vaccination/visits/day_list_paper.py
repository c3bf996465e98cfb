"""The list of a day on paper, 40 people a page, to tick by hand where the computers are away."""

import math
from hashlib import sha256
from typing import NamedTuple

from django.utils import translation

from crs.pdf import rendering
from vaccination.visits import day_table
from vaccination.visits.day_list import DayList
from vaccination.visits.day_table import Line

PEOPLE_ON_A_PAGE = 40
# A page takes a quarter of a second to half of one, other papers of the process wait meanwhile, and PAPER_SECONDS end
# the wait: a big site prints its list in parts.
PEOPLE_IN_A_PART = 5 * PEOPLE_ON_A_PAGE


class Page(NamedTuple):
    """A sheet of the list; its number counts through all parts."""

    number: int
    lines: list[Line]


class Part(NamedTuple):
    """The people of one file, by their numbers in the list."""

    number: int
    first: int
    last: int


def parts(people: DayList) -> list[Part]:
    """The files in which the list is printed; one for an empty day."""
    count = len(people.rows)
    firsts = range(0, max(1, count), PEOPLE_IN_A_PART)
    return [
        Part(number, first + 1, min(first + PEOPLE_IN_A_PART, count)) for number, first in enumerate(firsts, start=1)
    ]


def day_list_pdf(people: DayList, *, part: Part, language: str) -> bytes:
    """A part of the list as PDF/UA-1. Raises what `rendering.pdf` raises."""
    with translation.override(language):
        found = day_table.lines(people.rows[part.first - 1 : part.last], people)
    starts = range(0, max(1, len(found)), PEOPLE_ON_A_PAGE)
    before = (part.first - 1) // PEOPLE_ON_A_PAGE
    pages = [
        Page(before + number, found[start : start + PEOPLE_ON_A_PAGE]) for number, start in enumerate(starts, start=1)
    ]
    key = f"{people.site.pk} {people.day} {people.read_at.isoformat()} {part.number}"
    return rendering.pdf(
        "vaccination/visits/day_list/list.html",
        {"people": people, "pages": pages, "count": max(1, math.ceil(len(people.rows) / PEOPLE_ON_A_PAGE))},
        sheet="vaccination/visits/day_list/list.css",
        language=language,
        identifier=sha256(key.encode()).digest()[:16],
    )
