"""Why a scanned code is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class UnreadableScan(DomainError):
    """The text is not the code of a pack, or a part of it got lost."""

    way_back = "logistics:stock_home"
    message = _("This code could not be read. Scan it again, or type the batch number by hand.")


class WrongGtin(UnreadableScan):
    """The check digit of the GTIN does not fit the others."""

    message = _(
        "The number of the product (GTIN) in this code is not right: its last digit does not fit the others. "
        "Scan the code again, or choose the vaccine and type the batch number by hand."
    )


class ImpossibleExpiry(UnreadableScan):
    """The expiry is no date."""

    message = _(
        "The expiry in this code is not a date. Scan the code again, or type the batch number and the expiry by hand."
    )


class WrongBatch(UnreadableScan):
    """The batch number holds something else than 3 to 20 letters, digits and hyphens."""

    message = _(
        "The batch number in this code is unusual: it should have 3 to 20 letters, digits or hyphens. "
        "Type the batch number by hand as it is printed on the pack."
    )


class AmbiguousScan(UnreadableScan):
    """The separators between the fields were lost, and the batch number could end in several places."""

    message = _(
        "The scanner left out the marks between the parts of this code, so it is not certain where the batch number "
        "ends. Type the batch number by hand. For next time, set the scanner to send the mark GS (FNC1)."
    )


class WrongKeyboard(UnreadableScan):
    """The scanner types as if on another keyboard, and letters may have changed places."""

    message = _(
        "The scanner types on a Czech keyboard, so digits turn into letters with accents. Switch the keyboard of "
        "this computer to English and scan again, or type the batch number by hand."
    )


class LinearCode(UnreadableScan):
    """The long striped code of the pack was scanned: it names the product and no batch."""

    message = _(
        "This is the striped code of the pack, and it holds no batch number. "
        "Scan the square code, or type the batch number by hand."
    )
