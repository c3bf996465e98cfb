"""Why something with a site's own ticket is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class AccountHasNoEmail(DomainError):
    """Nobody could answer."""

    message = _("Your account has no e-mail, so the help desk could not answer you. Ask the manager of the site.")


class NotYourOwn(DomainError):
    """Only the one who opened a ticket closes it."""

    message = _("Only the person who opened the ticket can close it. Write to the help desk below instead.")
