"""The files that go with the e-mail about a confirmed reservation."""

from crs.messaging.outbox import File
from reservation import visits
from reservation.calendar_file import calendar_file


def files_of_confirmation(reference: str, language: str) -> list[File]:
    """PDF and calendar file of the reservation `reference`; none if it was cancelled in the meantime."""
    # WeasyPrint takes half a second to import and is of use only to who prints.
    from reservation.documents import confirmation_pdf

    confirmation = visits.confirmed_by_id(reference)
    if confirmation is None:
        return []
    return [
        File("potvrzeni.pdf", "application/pdf", confirmation_pdf(confirmation, language=language)),
        File("terminy.ics", "text/calendar; charset=utf-8", calendar_file(confirmation, language=language)),
    ]
