"""Why a telephone is not proven, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class InvalidPhone(RegistrationError):
    """Not a telephone number that can receive an SMS."""

    message = _("This is not a telephone number. A Czech number has nine digits, for example 601 234 567.")


class PhoneHasLetters(InvalidPhone):
    """Letters or other signs stand among the digits."""

    message = _("Please write the telephone number in digits only, for example 601 234 567.")


class PhoneDoesNotExist(InvalidPhone):
    """The shape of a number, but nobody is given such numbers."""

    message = _(
        "This telephone number does not exist. Please check each digit. "
        "A foreign number starts with + and the code of the country, for example +421 905 123 456."
    )


class NoSmsThere(InvalidPhone):
    """A landline or a service number."""

    message = _(
        "We cannot send an SMS to this number, because it is not a mobile telephone. "
        "Please enter a mobile number; it may belong to somebody in your family. "
        "If you have none, call the line 1221 and we will register you."
    )


class NoSmsToCountry(InvalidPhone):
    """A mobile number of a country to which no SMS are sent, or of a satellite."""

    message = _(
        "We do not send SMS to numbers of this country. "
        "Please enter a Czech mobile number; it may belong to somebody in your family. "
        "If you have none, call the line 1221 and we will register you."
    )


class PinRefused(RegistrationError):
    """The base of what may be wrong with a typed PIN."""

    way_back = "registration:pin"


class WrongPin(PinRefused):
    """No PIN like this was sent to the telephone."""

    message = _("This PIN is not right. Please compare it with the SMS, digit by digit.")


class PinExpired(PinRefused):
    """The PIN was sent more than 15 minutes ago."""

    message = _("This PIN has run out: a PIN works for 15 minutes. Please ask for a new one.")


class PinUsed(PinRefused):
    """The PIN has already proved the telephone once."""

    message = _("This PIN has already been used, and each PIN works only once. Please ask for a new one.")


class VerificationLocked(PinRefused):
    """Five wrong tries in this verification."""

    message = _(
        "A wrong PIN was typed five times. Please ask for a new PIN below; we also ask you a check question with it."
    )


class TriedElsewhere(PinRefused):
    """Fifteen wrong tries at the number within 15 minutes in all browsers: only a browser's own PIN works."""

    message = _(
        "This PIN does not work here. Wrong PINs were typed for this number on other devices, so for 15 minutes "
        "only a PIN works that you ask for on this page. Please ask for another PIN below."
    )


class CaptchaNeeded(PinRefused):
    """Another PIN costs an answer to a check question."""

    message = _("Before we send another PIN, please answer the check question.")


class ResendTooSoon(PinRefused):
    """Less than 60 seconds since the last request."""

    message = _("We have already sent a PIN. You can ask for another one a minute later.")


class VerificationGone(RegistrationError):
    """The browser's session has ended, or the verification has been forgotten."""

    message = _("Please enter your telephone number again. Your visit had to be ended, because it took too long.")
