"""The list of people of a day on paper: 28 on a page of A4, in letters that are read at arm's length."""

from hashlib import sha256
from typing import NamedTuple

from crs.pdf import rendering
from crs.pdf.parts import Part
from crs.pdf.parts import parts as parts_of_a_list
from reservation.site_calendar.people import Comer, People

PEOPLE_ON_A_PAGE = 28
PEOPLE_IN_A_PART = 8 * PEOPLE_ON_A_PAGE


class Page(NamedTuple):
    """A sheet of the list; its number counts through all parts."""

    number: int
    comers: tuple[Comer, ...]


def parts(people: People) -> list[Part]:
    """The files in which the list is printed; one for a day without people."""
    return parts_of_a_list(len(people.comers), size=PEOPLE_IN_A_PART)


def people_pdf(people: People, part: Part, *, language: str) -> bytes:
    """A part of the list as PDF/UA-1. Raises what `rendering.pdf` raises."""
    firsts = range(part.first - 1, max(part.last, 1), PEOPLE_ON_A_PAGE)
    pages = [
        Page(first // PEOPLE_ON_A_PAGE + 1, people.comers[first : min(first + PEOPLE_ON_A_PAGE, part.last)])
        for first in firsts
    ]
    key = f"{people.site.pk} {people.day} {people.read_at.isoformat()} {part.number}"
    return rendering.pdf(
        "reservation/site_calendar/people_paper/list.html",
        {"people": people, "pages": pages, "count": -(-len(people.comers) // PEOPLE_ON_A_PAGE) or 1},
        sheet="reservation/site_calendar/people_paper/list.css",
        language=language,
        identifier=sha256(key.encode()).digest()[:16],
    )
