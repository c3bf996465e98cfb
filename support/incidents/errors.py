"""Why something about a known problem is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class AlreadyEnded(DomainError):
    """Somebody ended it before."""

    message = _("This problem has ended already. If it goes on, reopen it.")


class StillOpen(DomainError):
    """It has not ended, so there is nothing to reopen."""

    message = _("This problem has not ended, so it need not be reopened.")


class EndsBeforeItBegan(DomainError):
    """The end lies before the beginning."""

    message = _("The end cannot lie before the beginning. Correct one of them.")


class NothingToAnswer(DomainError):
    """No open ticket is linked to the problem."""

    message = _("No open ticket is linked to this problem, so there is nobody to answer.")


class TicketIsMerged(DomainError):
    """The ticket is part of another one, which is to be linked instead."""

    message = _("This ticket is part of another ticket. Open that one and link it to the problem.")
