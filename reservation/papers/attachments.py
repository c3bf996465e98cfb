"""The files that go with an e-mail about times: the paper as it is now, and a calendar file for each dose.

They are made some time after the message was written. They always tell what holds at that moment, which may be newer
than the text; a diary keeps the file with the highest SEQUENCE, in whatever order the e-mails come.
"""

from functools import partial
from uuid import UUID

from django.utils import timezone

from crs.messaging.errors import NotWanted
from crs.messaging.outbox import File, register_attachments
from reservation.papers import reservation_summary
from reservation.papers.calendar_file import content_type, dose_file, method_of
from reservation.papers.confirmation_pdf import confirmation_pdf
from reservation.papers.reservation_summary import AppointmentSummary, Confirmation

# Messages that name a time to come at: nobody is told it once the reservation has ended.
OF_A_TIME = (
    "confirmed",
    "arranged",
    "kept",
    "moved",
    "replanned",
    "replan_undone",
    "substitute_comes",
    "substitute_back",
)
# Messages that go out whatever became of the reservation since.
OF_AN_END = (
    "not_needed",
    "missed_first",
    "missed_later",
    "taken_back_first",
    "taken_back_later",
    "cancelled",
    "substitute_off",
    "substitute_lost",
)


def register() -> None:
    """Tell the outbox who makes the files of each message about times."""
    for name in OF_A_TIME:
        register_attachments(f"reservation/{name}", partial(files_of_change, needs_time=True))
    for name in OF_AN_END:
        register_attachments(f"reservation/{name}", files_of_change)
    register_attachments("reservation/affected", files_of_doubt)
    register_attachments("registration/ended", files_of_end)


def files_of_change(reference: str, language: str, *, needs_time: bool = False) -> list[File]:
    """Paper and calendar files of the reservation `reference` as it is now. `needs_time`: NotWanted if it has ended."""
    confirmation = reservation_summary.ever_confirmed(reservation_id=UUID(reference), now=timezone.now())
    if needs_time and (confirmation is None or confirmation.has_ended):
        raise NotWanted
    return _files(confirmation, language)


def files_of_doubt(reference: str, language: str) -> list[File]:
    """Those of times that cannot stay. NotWanted where all are settled by now, or the reservation has ended."""
    confirmation = reservation_summary.ever_confirmed(reservation_id=UUID(reference), now=timezone.now())
    if confirmation is None or confirmation.has_ended or not confirmation.affected:
        raise NotWanted
    return _files(confirmation, language)


def files_of_end(reference: str, language: str) -> list[File]:
    """Those that cancel the last reservation under the registration number `reference`; none if no time was lost."""
    confirmation = reservation_summary.latest_confirmed(number=reference, now=timezone.now())
    return _files(confirmation, language) if confirmation and confirmation.cancelled else []


def _files(confirmation: Confirmation | None, language: str) -> list[File]:
    if confirmation is None:
        return []
    told = (*confirmation.to_come, *confirmation.cancelled)
    return [
        File("potvrzeni.pdf", "application/pdf", confirmation_pdf(confirmation, language=language)),
        *(_calendar_file(confirmation, one, language) for one in sorted(told, key=lambda one: one.dose)),
    ]


def _calendar_file(confirmation: Confirmation, appointment: AppointmentSummary, language: str) -> File:
    """A file for each dose: Outlook opens one with several events as a second calendar, and one CANCEL has one UID."""
    name = (
        f"zruseno-{appointment.dose}-davka.ics" if appointment.is_cancelled else f"termin-{appointment.dose}-davka.ics"
    )
    method = method_of(appointment)
    return File(name, content_type(method), dose_file(confirmation, appointment, language=language))
