"""Why a number, a document or a person is refused, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class InvalidInsuredNumber(RegistrationError):
    """Not an insured person's number; a subclass per kind of mistake."""

    message = _("This is not an insured person's number. You find it on the card of your health insurer.")


class NumberHasLetters(InvalidInsuredNumber):
    """Something else than digits and separators."""

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
        "Please compare it with the card of your health insurer, digit by digit. "
        "Born before 1954? The number has only nine digits."
    )


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


class PersonDied(RegistrationError):
    """The person is kept as deceased."""

    message = _(
        "According to the records this person has died. Nobody can be registered or vaccinated under this number or "
        "document. Please compare it once more; if it is right, call the ministry's help desk."
    )


class PersonIsBusy(RegistrationError):
    """The person's record is being joined with another one at this moment."""

    message = _("Somebody is changing the record of this person right now. Please send the form once more.")


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
