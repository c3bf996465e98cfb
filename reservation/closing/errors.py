"""Why a site cannot be closed, or opened again."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ClosingError(DomainError):
    """A site cannot be closed, or opened again, as asked."""

    way_back = "home"


class ClosurePast(ClosingError):
    """The whole time has passed."""

    message = _("This time has passed. Only a time to come can be closed.")


class ClosureTooLong(ClosingError):
    """The time is longer than a year."""

    message = _("This is longer than a year. Please check the years that you wrote.")


class ClosureStands(ClosingError):
    """A standing closure holds the whole time already."""

    message = _("The site is closed in all of this time already.")


class ClosureChanged(ClosingError):
    """Others are booked in the time than those who were shown."""

    message = _(
        "Meanwhile somebody booked a time or gave one up. Please look at the list once more; nothing is closed yet."
    )


class ClosureLifted(ClosingError):
    """The closure was lifted before."""

    message = _("This closure was cancelled before.")


class ClosureOver(ClosingError):
    """The time of the closure has passed."""

    message = _("The time of this closure has passed. There is nothing to open again.")
