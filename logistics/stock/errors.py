"""Refusals of a movement of stock."""

from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError
from crs.typed_moment import written


class StockError(DomainError):
    """A movement of stock that cannot be recorded; nothing of it was."""

    way_back = "logistics:stock_home"


class NotEnoughStock(StockError):
    """The store holds less than the entry needs. `have` and `wanted` are vials, opened doses or pieces."""

    def __init__(self, *, item: str, have: int, wanted: int) -> None:
        super().__init__(item)
        self.item, self.have, self.wanted = item, have, wanted
        self.message = _("%(item)s: the store holds only %(have)d, you asked for %(wanted)d.") % {
            "item": item,
            "have": have,
            "wanted": wanted,
        }


class BatchBlocked(StockError):
    """The batch is blocked everywhere."""

    def __init__(self, *, item: str, reason: str) -> None:
        super().__init__(item)
        self.message = _("%(item)s is blocked and must not be used. Reason: %(reason)s") % {
            "item": item,
            "reason": reason,
        }


class BatchExpired(StockError):
    """The batch is past its printed or extended expiry."""

    def __init__(self, *, item: str, expires_on: date) -> None:
        super().__init__(item)
        self.message = _("%(item)s expired: its last day was %(day)s. It must not be used.") % {
            "item": item,
            "day": date_format(expires_on, "j. n. Y"),
        }


class UseByPassed(StockError):
    """The clock that thawing or opening started has run out."""

    def __init__(self, *, item: str, use_by: datetime) -> None:
        super().__init__(item)
        self.message = _("%(item)s was to be used by %(time)s. It must not be used any more.") % {
            "item": item,
            "time": written(use_by),
        }


class StoreExists(StockError):
    """The site or region has a store already."""

    message = _("This store is established already.")


class NothingToRecord(StockError):
    """No line with a number above zero."""

    message = _("Nothing was filled in: write a number at least at one line.")


class TooMuch(StockError):
    """More than a balance can hold: a mistake in typing."""

    message = _("No store holds so much. Check the number.")


class SameStore(StockError):
    """A dispatch to the store from which it comes."""

    message = _("A store cannot send to itself. Choose another one.")


class AlreadyReversed(StockError):
    """The document was reversed before."""

    message = _("This document was reversed already.")


class CannotReverse(StockError):
    """A document that is never reversed: a reversal, or the establishment of a store."""

    message = _("This document cannot be reversed; record a new one instead.")


class DeliveredMeanwhile(StockError):
    """The recipient has confirmed the dispatch, so its sender cannot reverse it."""

    message = _("The recipient has confirmed this delivery already. Only the recipient can reverse the confirmation.")


class NotInTransit(StockError):
    """The dispatch was delivered or reversed before."""

    message = _("This delivery is not on its way any more: it was confirmed or reversed.")


class DifferenceNeedsReason(StockError):
    """The delivered amounts differ from the sent ones, and no reason was chosen."""

    message = _("The numbers differ from what was sent. Choose the reason of the difference.")


class CountedMeanwhile(StockError):
    """Stock moved between the counting and the sending of the form."""

    message = _("The stock changed while you were counting. Check the numbers below and send the form again.")


class WrongDoses(StockError):
    """More doses than the vials can hold, or none."""

    def __init__(self, *, most: int) -> None:
        super().__init__(most)
        self.message = _("So many doses cannot be in these vials: at least 1 and at most %(most)d.") % {"most": most}


class NoSuchStorage(StockError):
    """A storage condition in which the vaccine is not kept, or to which a vial cannot return."""

    message = _("This vaccine cannot be moved to that kind of storage.")


class NotOpened(StockError):
    """A closed vial where an opened one is needed, or an opened one where a closed one is."""

    message = _("This works only with a closed vial, or only with an opened one. Choose another line.")


class NotFromTheFuture(StockError):
    """It is said to have happened later than now."""

    message = _("The time lies in the future. Write the time at which it really happened.")


class BeforeTheStore(StockError):
    """It is said to have happened before the store was established."""

    def __init__(self, *, day: date) -> None:
        super().__init__(day)
        self.message = _("The store keeps its stock in CRS only since %(day)s. Check the day.") % {
            "day": date_format(day, "j. n. Y")
        }


class DayNotAhead(StockError):
    """A delivery announced for a day that passed, or for one too far ahead."""

    def __init__(self, *, latest: date) -> None:
        super().__init__(latest)
        self.message = _("Choose today or a later day, %(latest)s at the latest.") % {
            "latest": date_format(latest, "j. n. Y")
        }


class NotAwaited(StockError):
    """The announced delivery came or was withdrawn."""

    message = _("This delivery is not awaited any more: it came, or it was withdrawn.")
