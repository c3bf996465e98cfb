"""Why times are not changed or given back; each text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class MovingError(DomainError):
    """The times cannot be changed as asked; the way back is the page of the reservation."""

    way_back = "reservation:confirmed"


class NothingToMove(MovingError):
    """The dose has no time that can be changed: it was given, it has begun, or the reservation has ended."""

    message = _("This time cannot be changed any more. Please look at your times once more, or call 1221.")


class TimesChanged(MovingError):
    """The times are other ones than those that were shown: somebody changed them, or a later seat went."""

    message = _("The times have changed meanwhile. Please check them once more; nothing has been done yet.")


class TooManyMoves(MovingError):
    """The person has changed their times too often today."""

    message = _("You have changed your times too many times today. Please try again tomorrow, or call 1221.")


class AlreadyThere(MovingError):
    """The person has come to the site and waits there for the dose."""

    message = _("You are at the vaccination site for this dose now. Please tell the staff there.")
