"""The list to call on paper, with room for what came of each call."""

from collections.abc import Sequence
from datetime import datetime

from crs.pdf import rendering
from logistics.models import VaccinationSite
from reservation.affected.call_list import others_of
from reservation.models import AffectedAppointment

# A part takes a few seconds; 500 rows would be late.
ROWS_IN_A_PART = 150


def call_list_pdf(site: VaccinationSite, rows: Sequence[AffectedAppointment], *, language: str, now: datetime) -> bytes:
    """The people of `rows` (`call_list.with_people`) in `language`: A4 across, PDF/UA-1. Raises as `rendering.pdf`."""
    return rendering.pdf(
        "reservation/affected/pdf/call_list.html",
        {"site": site, "rows": [(row, others_of(row.appointment)) for row in rows], "now": now},
        sheet="reservation/affected/pdf/call_list.css",
        language=language,
        identifier=f"{site.pk} {now:%Y%m%d%H%M}".encode(),
    )
