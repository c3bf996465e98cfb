"""Refusals of a change of a batch, and of a scanned code."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class BatchError(DomainError):
    """A batch cannot be registered or changed."""

    way_back = "logistics:batches"


class WrongBatchNumber(BatchError):
    """The text is no batch number as it stands on a vial."""

    message = _(
        "A batch number has 1 to 20 letters without accents, digits or signs such as - / . _ "
        "Copy it from the vial or the pack."
    )


class WrongExpiry(BatchError):
    """An expiry so far away that it is a mistake in typing."""

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
    """The batch is blocked already; somebody was faster."""

    message = _("This batch is blocked already.")


class NotBlocked(BatchError):
    """The batch is not blocked; somebody was faster, or it never was."""

    message = _("This batch is not blocked.")


class SameExpiry(BatchError):
    """The batch has this expiry already, so nothing would change."""

    message = _("The batch has this expiry already.")


class ReasonMissing(BatchError):
    """The change has no reason."""

    message = _("Write the reason: whoever holds the batch will read it.")


class BatchNotPublished(BatchError):
    """The batch stands for all stock that was published without batch numbers."""

    message = _("This is not one batch but everything published without a batch number; it cannot be changed.")


class UnreadableScan(DomainError):
    """The text is not the code of a pack, or a part of the code was lost."""

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
    """The batch number is longer than 20 signs, or holds one that GS1 does not allow."""

    message = _(
        "The batch number in this code is unusual: it should have 1 to 20 letters, digits or signs such as - / . _ "
        "Type the batch number by hand as it is printed on the pack."
    )


class AmbiguousScan(UnreadableScan):
    """The separators between the fields were lost, and the batch number could end in several places."""

    message = _(
        "The scanner left out the marks between the parts of this code, so it is not certain where the batch number "
        "ends. Type the batch number by hand. For next time, set the scanner to send the mark GS (FNC1)."
    )


class WrongKeyboard(UnreadableScan):
    """The scanner types as if on another keyboard, and letters may be exchanged."""

    message = _(
        "The scanner types on a Czech or Slovak keyboard, so digits turn into letters with accents. Switch the "
        "keyboard of this computer to English and scan again, or type the batch number by hand."
    )


class UnreadableLink(UnreadableScan):
    """The code holds a web address that names no product, or holds it in a compressed form."""

    message = _(
        "This code holds a web address in which we cannot find the product and the batch; it may be a shortened one. "
        "Scan the other square code on the pack, or type the batch number by hand."
    )


class LinearCode(UnreadableScan):
    """The striped code of the pack was scanned, which names the product but no batch."""

    message = _(
        "This is the striped code of the pack, and it holds no batch number. "
        "Scan the square code, or type the batch number by hand."
    )
