"""Why an account, a log-in or an invitation of staff is refused."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class StaffError(DomainError):
    """Something with an account of staff is refused."""

    way_back = "logistics:account"


class WrongPassword(StaffError):
    """No such account, or not its password: nobody learns which."""

    message = _("The name or the password is not right. Please check both and try again.")
    way_back = "logistics:log_in"


class PasswordLocked(StaffError):
    """Too many wrong passwords for this account from here or everywhere, whether there is such an account or not."""

    way_back = "logistics:log_in"

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("Too many wrong passwords. For safety nobody can log in with this name until %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i")
        }


class NetworkLocked(StaffError):
    """Too many wrong passwords from this network, for whatever names."""

    way_back = "logistics:log_in"

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("Too many wrong passwords came from your network. Please try again at %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i")
        }


class CodeRefused(StaffError):
    """The base of what may be wrong with a code of the second factor."""

    way_back = "logistics:code"


class WrongCode(CodeRefused):
    """Neither the code of this half minute nor an unused recovery code."""

    message = _("This code is not right. Type the six digits that the app shows at this moment.")


class CodeUsed(CodeRefused):
    """Each code works once, so that nobody who looked over a shoulder can use it again."""

    message = _("This code has been used already. Wait until the app shows another one, half a minute at most.")


class CodesLocked(CodeRefused):
    """After wrong codes there is a pause, each time twice as long."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("After a wrong code there is a short pause. Please try again at %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i:s")
        }


class AlreadySetUp(StaffError):
    """The account has a second factor; another one is set up from the account, with a code of the old one."""

    message = _("The second factor of this account is set up already. Log in with its code.")
    way_back = "logistics:log_in"


class ResetRefused(StaffError):
    """The base of what may be wrong with the way to a new password; the same whether there is such an account."""

    way_back = "logistics:forgotten_password"


class TooManyResetCodes(ResetRefused):
    """The account has had its codes for this hour."""

    message = _("Codes were asked for with this e-mail too often. Use the last one, or try again in an hour.")


class WrongResetCode(ResetRefused):
    """It is not the last code of this e-mail."""

    message = _("This code is not right. Please check the e-mail and the code letter by letter; the last one counts.")


class NoResetCode(ResetRefused):
    """No code of this e-mail works any more."""

    message = _("No code works for this e-mail: it ran out, was used, or was typed wrong too often. Have another sent.")


class InvitationRefused(StaffError):
    """The base of what may be wrong with an invitation."""

    way_back = "logistics:invitation"


class NoSuchInvitation(InvitationRefused):
    """No invitation has this code and this e-mail."""

    message = _("We know no such invitation. Please check the e-mail and the code letter by letter.")


class InvitationExpired(InvitationRefused):
    """The seven days are over, or a newer invitation replaced it."""

    message = _("This invitation is no longer valid. Ask whoever invited you to send another one.")


class InvitationUsed(InvitationRefused):
    """It was accepted already."""

    message = _("This invitation has been used already. Log in with your e-mail and password.")
    way_back = "logistics:log_in"


class AccountExists(InvitationRefused):
    """Somebody made an account with this e-mail in the meantime."""

    message = _("There is an account with this e-mail already. Please accept the invitation with its password.")


class NotYoursToGive(StaffError):
    """The person may not give or take this role at this place."""

    message = _("You cannot give or take this role there.")


class NotToYourself(StaffError):
    """Whoever gives a role is somebody else than who gets it."""

    message = _("You cannot give a role to yourself. Somebody else who may give it must invite you.")


class LastManager(StaffError):
    """A site always has somebody who can invite others; the region or the ministry may take the last one away."""

    message = _("This is the last manager of the site. Invite another one first.")


class CannotReset(StaffError):
    """The colleague also works where the person does not manage staff, or the account is their own."""

    message = _(
        "You can reset the second factor only of colleagues who work at your sites alone and do not stand above you."
    )
