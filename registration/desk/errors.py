"""Why the desk of line 1221 refuses, in the words that its operators read."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class DeskError(RegistrationError):
    """The base of the desk's refusals; uncaught, it leads to the search."""

    way_back = "registration:desk"


class TooManySearches(DeskError):
    """The account has looked for more people than anybody needs in an hour."""

    message = _("You have searched very often in the last hour. Please wait a while, or ask the lead of the line.")


class NotEnoughToSearch(DeskError):
    """Too little was typed."""

    message = _("Please type a whole number, or at least two letters of the name.")


class NameWithNumber(NotEnoughToSearch):
    """No number was found in a text that has a name as well, such as one with the date of birth."""

    message = _("Nobody has this number. If it is a name with a date, type the date into its own field.")


class EmailIsNotSearched(NotEnoughToSearch):
    """An e-mail address was typed."""

    message = _("Nobody is searched by e-mail. Please ask for a number, the telephone, or the name.")


class RequestIsResolved(DeskError):
    """Another operator was faster."""

    message = _("Somebody has resolved this request already. Nothing has changed.")
    way_back = "registration:desk_requests"


class TooManyRows(DeskError):
    """More than one list may hold."""

    message = _("These are more than 50,000 registrations. Please choose fewer days.")
    way_back = "registration:desk_export"
