"""Why a change of a batch is refused."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class BatchError(DomainError):
    """A batch cannot be made known or changed so."""

    way_back = "logistics:batches"


class WrongBatchNumber(BatchError):
    """Not what stands on a vial."""

    message = _("A batch number has 3 to 20 letters, digits or hyphens. Copy it from the vial or the pack.")


class WrongExpiry(BatchError):
    """So far away that it is a mistake in typing."""

    message = _("This expiry cannot be right. Check the year on the vial or the pack.")


class ExpiryDiffers(BatchError):
    """The batch is known with another expiry. `expires_on` is ours."""

    def __init__(self, *, batch: str, expires_on: date) -> None:
        super().__init__(batch)
        self.expires_on = expires_on
        self.message = _(
            "%(batch)s is recorded with the expiry %(day)s. Check the number and the date on the vial; "
            "if the vial says something else, call the distributor."
        ) % {"batch": batch, "day": date_format(expires_on, "j. n. Y")}


class AlreadyBlocked(BatchError):
    """Somebody was faster."""

    message = _("This batch is blocked already.")


class NotBlocked(BatchError):
    """Somebody was faster, or it never was blocked."""

    message = _("This batch is not blocked.")


class SameExpiry(BatchError):
    """Nothing would change."""

    message = _("The batch has this expiry already.")


class ReasonMissing(BatchError):
    """Nobody said why."""

    message = _("Write the reason: whoever holds the batch will read it.")


class BatchNotPublished(BatchError):
    """It stands for everything that was published without batch numbers."""

    message = _("This is not one batch but everything published without a batch number; it cannot be changed.")


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
