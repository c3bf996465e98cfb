"""Why a postponement is refused."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class PostponingError(DomainError):
    """The vaccination cannot be postponed as asked; the way back is the choice of a site."""

    way_back = "reservation:site"


class NothingToPostpone(PostponingError):
    """By the rule of today a dose may be given at once, or the time to wait has passed."""

    def __init__(self, since: date) -> None:
        super().__init__()
        self.since = since

    @property
    def message(self) -> str:  # type: ignore[override]
        """Since when a dose may be given."""
        text = gettext("You need not postpone anything: a dose can be given since %(day)s. Choose a time as usual.")
        return text % {"day": date_format(self.since, "DATE_FORMAT")}

    @property
    def for_staff(self) -> str:
        """The same, said to whoever asks for somebody else."""
        text = gettext("Nothing has to be postponed: a dose can be given since %(day)s.")
        return text % {"day": date_format(self.since, "j. n. Y")}


class PostponementChanged(PostponingError):
    """Other times would be lost than those that were shown, or the day is another one."""

    message = _("The reserved times have changed meanwhile. Please check them once more; nothing is postponed yet.")


class RegistrationIsOver(PostponingError):
    """The registration was cancelled meanwhile."""

    message = _("This registration has ended, so there is nothing to postpone.")
