"""Why an invitation or a role of staff is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class StaffError(DomainError):
    """Something with an invitation or a role is refused."""

    way_back = "logistics:account"


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
    way_back = "accounts:log_in"


class InvitationWithdrawn(InvitationRefused):
    """Somebody who may give the role took the invitation back."""

    message = _("This invitation was withdrawn. If you should work here, ask whoever invited you.")


class NothingToWithdraw(StaffError):
    """The invitation does not wait for an answer any more: accepted, withdrawn, replaced or out of date."""

    message = _("This invitation does not wait for an answer any more. Below is how it is now.")


class AccountExists(InvitationRefused):
    """An account with this e-mail was made in the meantime."""

    message = _("There is an account with this e-mail already. Please accept the invitation with its password.")


class NotYoursToGive(StaffError):
    """The person may not give or take this role at this place."""

    message = _("You cannot give or take this role there.")


class NotToYourself(StaffError):
    """Nobody gives a role to themselves."""

    message = _("You cannot give a role to yourself. Somebody else who may give it must invite you.")


class LastManager(StaffError):
    """A site always has somebody who can invite others; the region or the ministry may take the last one away."""

    message = _("This is the last manager of the site. Invite another one first.")


class CannotReset(StaffError):
    """The person may not give every role of the colleague, or the account is their own."""

    message = _(
        "You can reset the second factor only of colleagues who work at your sites alone and do not stand above you."
    )
