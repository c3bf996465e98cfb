"""Why a day is not closed or not opened again. Each sentence says what to do."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from vaccination.errors import VaccinationError
from vaccination.models import DayClosing


class ClosingRefused(VaccinationError):
    """The day stays as it is."""


class DayNotCome(ClosingRefused):
    """The day is in the future."""

    message = _("This day has not come yet. Close it when the last person has left.")


class AlreadyClosed(ClosingRefused):
    """Somebody else closed the day; `closing` is what holds."""

    message = _("Somebody else has just closed this day. Here is what was kept.")

    def __init__(self, closing: DayClosing) -> None:
        super().__init__()
        self.closing = closing


class PeopleStillObserved(ClosingRefused):
    """Somebody sits under observation."""

    def __init__(self, *, people: int) -> None:
        super().__init__(people)
        self.message = ngettext_lazy(
            "%(count)d person is still under observation. Let them go first, then close the day.",
            "%(count)d people are still under observation. Let them go first, then close the day.",
            people,
        ) % {"count": people}


class StillWaiting(ClosingRefused):
    """Somebody arrived and was neither vaccinated nor sent away."""

    def __init__(self, *, people: int) -> None:
        super().__init__(people)
        self.message = ngettext_lazy(
            "%(count)d person was checked in and has no dose. Record the dose, send the person away without it, "
            "or take the check-in back.",
            "%(count)d people were checked in and have no dose. Record their doses, send them away without it, "
            "or take the check-ins back.",
            people,
        ) % {"count": people}


class StillExpected(ClosingRefused):
    """People may still come today."""

    def __init__(self, *, people: int) -> None:
        super().__init__(people)
        self.message = ngettext_lazy(
            "%(count)d person is still expected today. Close the day later, or tick that nobody else comes.",
            "%(count)d people are still expected today. Close the day later, or tick that nobody else comes.",
            people,
        ) % {"count": people}


class LeftoversNeedReason(ClosingRefused):
    """Opened doses are left."""

    message = _("Opened doses are left. Choose why they are thrown away.")


class DifferenceNeedsExplanation(ClosingRefused):
    """The doses given do not fit those taken from the stock."""

    message = _(
        "The doses given and the doses taken from the stock differ. "
        "Correct what is wrong, or explain the difference in words."
    )


class StockMovedMeanwhile(ClosingRefused):
    """Somebody moved opened doses at this moment."""

    message = _("Somebody has just moved opened doses in the stock. Look at the numbers and close the day once more.")


class NotClosed(ClosingRefused):
    """The day is open again already."""

    message = _("This day is open already. Somebody else opened it.")


class ReopeningNeedsReason(ClosingRefused):
    """Nobody said why the day is opened again."""

    message = _("Write why the day is opened again.")
