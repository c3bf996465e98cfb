"""Why somebody is not checked in, or a check-in is not taken back. Each sentence says what to do."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crs.errors import TooManyTries
from vaccination.errors import VaccinationError

if TYPE_CHECKING:
    from vaccination.models import Visit


class CheckInRefused(VaccinationError):
    """The person cannot be checked in with this appointment now."""


class AlreadyCheckedIn(CheckInRefused):
    """The person is here already; `visit` is the check-in that stands."""

    message = _("The person is checked in already. Here is where they stand now.")

    def __init__(self, visit: "Visit") -> None:
        super().__init__()
        self.visit = visit


class SeatNotReserved(CheckInRefused):
    """The appointment is not booked any more."""

    message = _("This appointment does not stand any more: it was moved, cancelled or used. Search the person again.")


class SeatIsElsewhere(CheckInRefused):
    """The appointment is of another day or another site."""

    message = _("This appointment is not for today at this site. Search the person again to give them a seat today.")


class RegistrationCancelled(CheckInRefused):
    """Nobody is vaccinated on a cancelled registration."""

    message = _("The registration was cancelled. Register the person anew without an appointment.")


class VisitorDied(CheckInRefused):
    """The register says so."""

    message = _(
        "The register says that this person died. Compare the name and the date of birth with the document. If the "
        "person stands before you, call line 1221: the record must be put right first."
    )


class PersonMerged(CheckInRefused):
    """Another row stands for the person."""

    message = _("This record was joined with another one of the same person. Search by the insured person's number.")


class NotYetCome(CheckInRefused):
    """The visit lies in the future."""

    message = _("The time of the visit lies in the future. Write when the person came.")


class DayIsClosed(CheckInRefused):
    """The day was closed at this site."""

    message = _("The day is closed here. The manager can reopen it at the end of the day.")


class TooManyFound(TooManyTries):
    """An account has looked up more people by number than a desk can serve."""

    message = _(
        "You have looked up too many people by number within an hour. The people of the day's list can be checked in "
        "as usual; look others up in an hour, or let a colleague do it."
    )


class TooLongToSearch(VaccinationError):
    """More was typed or pasted than anybody's names and numbers have; a part of it would find other people."""

    message = _("This is longer than any name or number. Write less of it.")


class DoseIsRecorded(VaccinationError):
    """A visit with a dose stays as it is."""

    message = _("A dose is recorded in this visit, so the check-in stays. A wrong dose is corrected at the dose.")


class NotWaiting(VaccinationError):
    """The visit ended meanwhile, or a dose was given."""

    message = _("The person does not wait any more: somebody else changed it meanwhile. Here is how it stands now.")
