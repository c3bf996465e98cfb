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
