"""The files that go with the e-mail about a confirmed reservation."""

from crs.messaging.outbox import File
from reservation.papers import reservation_summary
from reservation.papers.calendar_file import calendar_file
from reservation.papers.confirmation_pdf import confirmation_pdf


def files_of_confirmation(reference: str, language: str) -> list[File]:
    """PDF and calendar file of the reservation `reference`; none if it was cancelled in the meantime."""
    confirmation = reservation_summary.confirmed_by_id(reference)
    if confirmation is None:
        return []
    return [
        File("potvrzeni.pdf", "application/pdf", confirmation_pdf(confirmation, language=language)),
        File("terminy.ics", "text/calendar; charset=utf-8", calendar_file(confirmation, language=language)),
    ]
