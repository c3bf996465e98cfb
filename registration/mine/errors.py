"""Why a change of one's own registration is refused, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class MyRegistrationError(RegistrationError):
    """The base of what is refused here; uncaught, it leads to the list."""

    way_back = "registration:mine"


class SamePhone(MyRegistrationError):
    """The new telephone is the one that the registration has."""

    message = _("The registration has this telephone already. Please type the new number.")


class TelephoneIsFull(MyRegistrationError):
    """The new telephone has had its share of registrations in 24 hours."""

    message = _(
        "So many people were registered from the new telephone today that it can take no more. "
        "Please try again tomorrow, or call the line 1221 today. Nothing has changed."
    )


class SameEmail(MyRegistrationError):
    """The new address is the one that the registration has."""

    message = _("The registration has this e-mail address already.")


class TooManyEmailCodes(MyRegistrationError):
    """Five codes were sent in the last hour."""

    message = _("We have sent several codes by e-mail already. Please try again in an hour.")


class EmailCodeRefused(MyRegistrationError):
    """The base of the reasons why a code proves no address."""


class WrongEmailCode(EmailCodeRefused):
    """Not a code that was sent for this registration."""

    message = _("This is not the code from the e-mail. Please copy the six digits once more.")


class EmailCodeExpired(EmailCodeRefused):
    """Sent more than an hour ago."""

    message = _("This code has run out; it works for one hour. Please have another one sent.")


class TooManyEmailTries(EmailCodeRefused):
    """Five wrong codes."""

    message = _("Too many wrong codes. Please try again in an hour, with a new code.")


class ReasonStands(MyRegistrationError):
    """The person is in the group already."""

    message = _("This reason is already among yours.")


class ReasonIsRefused(MyRegistrationError):
    """Staff looked at the reason and refused it."""

    message = _(
        "Our staff have refused this reason, so here it needs a registration code. If something has changed, "
        "please call the line 1221, every day from 8 am to 7 pm."
    )


class AskTheLine(MyRegistrationError):
    """A reason that a register proves, of somebody whom no register of ours can know."""

    message = _(
        "We cannot find out by ourselves whether this reason is right: the register knows people by their Czech "
        "number. Please call the line 1221, every day from 8 am to 7 pm; they will write it down with you."
    )
