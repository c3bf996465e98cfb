"""The list of a day on paper, 40 people a page, to tick by hand where the computers are away."""

import math
from hashlib import sha256

from django.utils import translation

from crs.pdf import rendering
from vaccination.visits import day_table
from vaccination.visits.day_list import DayList

PEOPLE_ON_A_PAGE = 40


def day_list_pdf(people: DayList, *, language: str) -> bytes:
    """The list as PDF/UA-1. Raises what `rendering.pdf` raises."""
    with translation.override(language):
        found = day_table.lines(people.rows, people)
    pages = [found[start : start + PEOPLE_ON_A_PAGE] for start in range(0, len(found), PEOPLE_ON_A_PAGE)]
    key = f"{people.site.pk} {people.day} {people.read_at.isoformat()}"
    return rendering.pdf(
        "vaccination/visits/day_list/list.html",
        {"people": people, "pages": pages or [[]], "count": max(1, math.ceil(len(found) / PEOPLE_ON_A_PAGE))},
        sheet="vaccination/visits/day_list/list.css",
        language=language,
        identifier=sha256(key.encode()).digest()[:16],
    )
