"""Why substitutes cannot be called, agree or answer as asked."""

from django.conf import settings
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class SubstitutesError(DomainError):
    """Something about substitutes cannot be done."""


class TooManySites(SubstitutesError):
    """The person agreed to be called to as many sites as there may be."""

    message = _("You can be called to five vaccination sites at most. Remove one of them first.")


class NobodyIsCalledNow(SubstitutesError):
    """It is night, or people would come on the next day."""

    @property
    def message(self) -> str:  # type: ignore[override]
        """Between which hours."""
        first, last = settings.SUBSTITUTE_HOURS
        text = gettext("Substitutes are called between %(first)d:00 and %(last)d:00, and they come on the same day.")
        return text % {"first": first, "last": last}


class SiteNotOpen(SubstitutesError):
    """People do not come to the site."""

    message = _("This vaccination site is not open now, so nobody can be called to it.")


class NotSoManyDoses(SubstitutesError):
    """The store of the site has fewer usable doses of the vaccine."""

    def __init__(self, held: int) -> None:
        super().__init__()
        self.held = held

    @property
    def message(self) -> str:  # type: ignore[override]
        """How many there are."""
        if self.held == 0:
            return gettext("The store of the site has no usable dose of this vaccine. Check the vaccine.")
        return ngettext(
            "The store of the site has only %(count)d usable dose of this vaccine. Check the number.",
            "The store of the site has only %(count)d usable doses of this vaccine. Check the number.",
            self.held,
        ) % {"count": self.held}


class CallIsRunning(SubstitutesError):
    """The site calls substitutes for this vaccine already."""

    message = _("Substitutes are being called for this vaccine already. End that call first, then make a new one.")


class DosesGone(SubstitutesError):
    """Others came first, or the call has ended."""

    message = _(
        "Thank you for wanting to come. The doses are taken by now, so please do not set out. Your place in the order "
        "stays as it was, and we will ask you again next time."
    )


class DoseNotForToday(SubstitutesError):
    """The person cannot be given the dose today: a rule, a postponement, or another appointment of today."""

    message = _(
        "This dose cannot be given to you today. Nothing has changed for you; if you have questions, call 1221."
    )
