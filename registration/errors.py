"""Every reason for which registration says no, in the words that the person reads."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crs.errors import DomainError

if TYPE_CHECKING:
    from registration.models import Registration, RegistrationClaim


class RegistrationError(DomainError):
    """The base of this app's refusals; uncaught, it leads to the first step."""

    way_back = "registration:phone"


# --- telephone numbers --------------------------------------------------------------------------


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


# --- PINs ---------------------------------------------------------------------------------------


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


# --- insured person's numbers -------------------------------------------------------------------


class InvalidInsuredNumber(RegistrationError):
    """Not an insured person's number; a subclass per kind of mistake."""

    message = _("This is not an insured person's number. You find it on the card of your health insurer.")


class NumberHasLetters(InvalidInsuredNumber):
    """Something else than digits, spaces and one slash."""

    message = _("Please write the number in digits only. You find it on the card of your health insurer.")


class NumberTooShort(InvalidInsuredNumber):
    """Fewer than nine digits."""

    message = _("The number is too short. It has nine or ten digits; please check that none is missing.")


class NumberNeedsTenDigits(NumberTooShort):
    """Nine digits with a year in which ten are given."""

    message = _(
        "One digit is missing. People born in 1954 or later have ten digits; only older people have nine of them."
    )


class NumberTooLong(InvalidInsuredNumber):
    """More than ten digits."""

    message = _("The number is too long. It has nine or ten digits; please check that none is there twice.")


class NumberHasImpossibleDate(InvalidInsuredNumber):
    """The first six digits are no day of the calendar."""

    message = _("The first six digits say when you were born, but there is no such day. Please check these six digits.")


class NumberFromTheFuture(InvalidInsuredNumber):
    """The day of birth has not come yet."""

    message = _("By the first six digits you were born in the future. Please check these six digits.")


class NumberTooOld(InvalidInsuredNumber):
    """130 years of age or more."""

    message = _("By the first six digits you would be over 130 years old. Please check these six digits.")


class NumberCheckFails(InvalidInsuredNumber):
    """Ten digits that are not divisible by eleven."""

    message = _(
        "There is probably a typing mistake in the number: its last digit does not fit the others. "
        "Please compare it with the card of your health insurer, digit by digit."
    )


# --- identity documents -------------------------------------------------------------------------


class InvalidDocument(RegistrationError):
    """The base of what may be wrong with an identity document."""


class UnknownState(InvalidDocument):
    """Not a state that issues documents."""

    message = _("Please choose the state that issued the document.")


class InvalidDocumentNumber(InvalidDocument):
    """Not the number of a document; a subclass per kind of mistake."""


class DocumentNumberHasOtherSigns(InvalidDocumentNumber):
    """Something else than Latin letters and digits."""

    message = _(
        "The number of a document is made of Latin letters and digits. Please copy it from the two or three lines "
        "of letters and '<' at the bottom of the document."
    )


class DocumentNumberIsNone(InvalidDocumentNumber):
    """Too short, too long, or without a digit."""

    message = _(
        "This is not the number of a document: it has 4 to 20 letters and digits, at least one of them a digit. "
        "Please compare it with the document."
    )


class SpellingNeedsLatinLetters(InvalidDocument):
    """Letters of another script in a spelling that has to be in Latin letters."""

    message = _(
        "Please write the name in the letters A to Z, as the travel document spells it: in the lines of letters "
        "and '<' at the bottom of the page with the photograph."
    )


# --- registering --------------------------------------------------------------------------------


class TooYoung(RegistrationError):
    """Under 16 on the day of registration (DOMAIN 4.4: from 16 a person may consent alone)."""

    message = _(
        "People under 16 cannot register here yet. Please ask the child's doctor, or call the line 1221; "
        "they will tell you what to do."
    )
    way_back = "registration:form"


class AlreadyRegistered(RegistrationError):
    """The same telephone has already registered this person; `registration` is what exists."""

    message = _("You have already registered this person. The registration holds; nothing has changed.")
    way_back = "registration:existing"

    def __init__(self, registration: "Registration | RegistrationClaim") -> None:
        super().__init__(registration)
        self.registration = registration


class TooManyRegistrations(RegistrationError):
    """The telephone has registered `most` persons in the last 24 hours, whether or not somebody else had before."""

    way_back = "registration:form"

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most

    @property
    def message(self) -> str:  # type: ignore[override]
        """Advice for today and for tomorrow."""
        return ngettext(
            "This person is not registered yet. One telephone can register at most %(count)d person in 24 hours. "
            "Please try again tomorrow, or call the line 1221 today; they will register the person with you.",
            "This person is not registered yet. One telephone can register at most %(count)d persons in 24 hours. "
            "Please try again tomorrow, or call the line 1221 today; they will register the person with you.",
            self.most,
        ) % {"count": self.most}


class PersonDied(RegistrationError):
    """The person is kept as deceased."""

    message = _(
        "According to the records this person has died. Nobody can be registered or vaccinated under this number or "
        "document. Please compare it once more; if it is right, call the ministry's help desk."
    )


class PersonWasMerged(RegistrationError):
    """The person's row was joined into another one."""

    message = _(
        "The record of this person was joined with another one. Please look the person up by their registration "
        "number or by the other number or document; if that does not help, call the ministry's help desk."
    )


class DocumentOfSomebodyElse(RegistrationError):
    """The document is kept for a person born on another day."""

    message = _(
        "Somebody born on another day is kept under this document. Please compare the number, the state and the date "
        "of birth with the document."
    )


class TwoPeopleFound(RegistrationError):
    """A number is the registration number of one person and the insured person's number of another."""

    message = _(
        "This number is one person's registration number and another person's insured number. "
        "Please look the person up by name, or by the code on the confirmation."
    )
