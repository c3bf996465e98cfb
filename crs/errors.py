"""The one base of every reason to refuse something."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the campaign says no.

    A subclass per reason lives in its app's `errors.py`. `message` is what the person reads, in
    plain words; `way_back` names the URL to which `crs.middleware.domain_errors` sends them when
    no view caught the error.
    """

    message: str | Promise = _("This cannot be done.")
    way_back: str = "home"
    # The HTTP status of a page that shows the error at its form.
    status: int = 200

    def __str__(self) -> str:
        return str(self.message)


class FormChanged(DomainError):
    """A page was sent a second time with other contents; what was sent first holds."""

    message = _(
        "This page was already sent once with something else in it, and what was sent first holds. "
        "Please check what stands here now, and send it again if you mean it."
    )


class TooManyTries(DomainError):
    """A network or a browser has had its share of something that can be guessed (crs/tries.py)."""

    message = _("Too many tries from your network. Please try again in an hour.")
    status = 429
