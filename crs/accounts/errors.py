"""Refusals of passwords, codes and ways to a new password; each text is read by the person."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError, TooManyTries


class TooManyLogIns(TooManyTries):
    """A network or a browser has had its log-ins for this hour, whatever the names."""

    message = _("Too many people are logging in from your network. Please try again in an hour.")


class PasswordRefused(DomainError):
    """The base of refusals of a name and a password."""

    way_back = "accounts:log_in"


class WrongPassword(PasswordRefused):
    """There is no such account, or it has another password; the text does not tell which."""

    message = _("The name or the password is not right. Please check both and try again.")


class PasswordLocked(PasswordRefused):
    """Too many wrong passwords for this account from here or everywhere, whether there is such an account or not."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("Too many wrong passwords. For safety nobody can log in with this name until %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i")
        }


class NetworkLocked(PasswordRefused):
    """Too many wrong passwords from this network, for whatever names."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("Too many wrong passwords came from your network. Please try again at %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i")
        }


class CodeRefused(DomainError):
    """The base of refusals of a code of the second factor."""

    way_back = "accounts:code"


class WrongCode(CodeRefused):
    """Neither the code of this half minute nor an unused recovery code."""

    message = _("This code is not right. Type the six digits that the app shows at this moment.")


class CodeUsed(CodeRefused):
    """The code was used before. Each works once, so that nobody who looked over a shoulder can use it again."""

    message = _("This code has been used already. Wait until the app shows another one, half a minute at most.")


class CodesLocked(CodeRefused):
    """A pause runs after a wrong code; each is twice as long as the one before."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("After a wrong code there is a short pause. Please try again at %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i:s")
        }


class AlreadySetUp(DomainError):
    """The account has a second factor; another one is set up from the account, with a code of the old one."""

    message = _("The second factor of this account is set up already. Log in with its code.")
    way_back = "accounts:log_in"


class ResetRefused(DomainError):
    """The base of refusals on the way to a new password. They read alike whether or not the account exists."""

    way_back = "accounts:forgotten_password"


class TooManyResetCodes(ResetRefused):
    """The account has had its codes for this hour."""

    message = _("Codes were asked for with this e-mail too often. Use the last one, or try again in an hour.")


class WrongResetCode(ResetRefused):
    """It is not the last code of this e-mail."""

    message = _("This code is not right. Please check the e-mail and the code letter by letter; the last one counts.")


class NoResetCode(ResetRefused):
    """No code of this e-mail works any more."""

    message = _("No code works for this e-mail: it ran out, was used, or was typed wrong too often. Have another sent.")
