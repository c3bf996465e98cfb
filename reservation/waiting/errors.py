"""Why an offered time cannot be answered, or the waiting list not joined; each text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class WaitingListError(DomainError):
    """What the person wanted of the waiting list cannot be done."""

    way_back = "reservation:log_in"


class OfferIsOver(WaitingListError):
    """The offer was answered, or its time ran out and the seats were given back."""

    message = _("This time is not kept for you any more. You keep your place.")


class CannotJoin(WaitingListError):
    """We could offer no time: the person chose no vaccination site, has a reservation, or is reached by no SMS."""

    message = _("We cannot put you on the waiting list now. Please choose a vaccination site, or call line 1221.")
