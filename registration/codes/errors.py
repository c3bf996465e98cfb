"""Why a registration code, or the key of a batch of them, is refused, in the words that the person reads."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crs.errors import TooManyTries
from registration.errors import RegistrationError
from registration.models import PriorityGroup


class CodeRefused(RegistrationError):
    """The base of all reasons for which a code proves nothing."""

    way_back = "registration:form"


class MistypedCode(CodeRefused):
    """No code looks like this; it was not counted as a try."""


class CodeHasOtherSigns(MistypedCode):
    """Something else than digits and separators."""

    message = _("A registration code is made of twelve digits only. Please copy it from the paper digit by digit.")


class CodeTooShort(MistypedCode):
    """Fewer than twelve digits."""

    message = _("The registration code is too short: it has twelve digits. Please check that none is missing.")


class CodeTooLong(MistypedCode):
    """More than twelve digits."""

    message = _("The registration code is too long: it has twelve digits. Please check that none is there twice.")


class CodeCheckFails(MistypedCode):
    """Twelve digits of which the last one does not fit the others."""

    message = _("There is a typing mistake in the registration code. Please compare it with the paper, digit by digit.")


class WrongCode(CodeRefused):
    """A code that nobody was given."""

    message = _(
        "We do not know this registration code. Please compare it with the paper. If it is right, ask your employer "
        "or doctor who gave it to you."
    )


class CodeUsed(CodeRefused):
    """A code for one person that has proved somebody's claim."""

    message = _(
        "This registration code was used already: each is for one person. "
        "Please ask your employer or doctor for another one."
    )


class CodeUsedUp(CodeUsed):
    """A code for several people that has been used as often as it may be."""

    message = _(
        "This registration code was used by as many people as it was made for. "
        "Please ask your employer or doctor for another one."
    )


class CodeRevoked(CodeRefused):
    """The code, or all of its batch, is not valid any more."""

    message = _(
        "This registration code is not valid any more: it was cancelled. "
        "Please ask your employer or doctor for another one."
    )


class CodeExpired(CodeRefused):
    """The last day of the code has passed."""

    def __init__(self, valid_until: date) -> None:
        super().__init__(valid_until)
        self.valid_until = valid_until

    @property
    def message(self) -> str:  # type: ignore[override]
        """Until when it was valid."""
        return gettext(
            "This registration code was valid until %(day)s. Please ask your employer or doctor for another one."
        ) % {"day": date_format(self.valid_until, "DATE_FORMAT")}


class CodeOfAnotherGroup(CodeRefused):
    """A code that proves something else than was chosen."""

    def __init__(self, group: PriorityGroup) -> None:
        super().__init__(group.pk)
        self.group = group

    @property
    def message(self) -> str:  # type: ignore[override]
        """For whom the code is."""
        return gettext(
            "This registration code is for another group: %(group)s. Choose that group if it is yours. "
            "If it is not, please ask your employer or doctor for the right code."
        ) % {"group": self.group}


class ClaimIsDecided(CodeRefused):
    """The claim waits for no code: staff look at it or have refused it, or it was withdrawn."""

    message = _(
        "A registration code does not help here now, and it was not used up. The operators of line 1221 will tell you "
        "how it stands; they are there every day from 8 am to 7 pm."
    )


class TooManyCodeTries(CodeRefused):
    """A telephone has typed as many wrong codes as are looked at; no more until `until`."""

    status = 429

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until

    @property
    def message(self) -> str:  # type: ignore[override]
        """Until when."""
        moment = date_format(timezone.localtime(self.until), "DATETIME_FORMAT")
        return gettext(
            "Too many wrong registration codes were typed from this telephone. You can try again from %(moment)s. "
            "If you cannot wait, call the line 1221, every day from 8 am to 7 pm."
        ) % {"moment": moment}


class KeyRefused(RegistrationError):
    """The base of the reasons for which a key shows nothing."""

    way_back = "registration:code_key"


class MistypedKey(KeyRefused):
    """No key of a batch looks like this; it was not counted as a try."""

    message = _(
        "The key of a batch has twenty digits, and there is a typing mistake in this one. Please copy it from "
        "the file with the codes."
    )


class WrongKey(KeyRefused):
    """A key that nobody was given."""

    message = _("We do not know this key. Please compare it with the file with the codes.")


class TooManyKeyTries(TooManyTries):
    """A network has had its share of keys."""

    message = _("Too many keys were typed from your network. Please try again in an hour.")


class NoCodesForGroup(RegistrationError):
    """No rule of the group asks for a code, now or later."""

    way_back = "registration:codes"
    message = _("This group needs no registration code.")


class AlreadyRevoked(RegistrationError):
    """The code or the batch is out of use already."""

    way_back = "registration:codes"
    message = _("It was cancelled before. Nothing was changed.")


class UsedMeanwhile(RegistrationError):
    """Somebody used one of the codes in the moment in which they were revoked."""

    way_back = "registration:codes"
    message = _("Somebody used one of the codes just now. Nothing was changed; please send it once more.")
