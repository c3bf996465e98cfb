"""Why logistics refuses something; each text is what the person reads."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError

# --- stock --------------------------------------------------------------------------------------


class StockError(DomainError):
    """A movement of stock cannot be recorded; nothing of it was."""

    way_back = "logistics:stock_home"


class NotEnoughStock(StockError):
    """The store does not hold so much. `have` and `wanted` are vials, opened doses or pieces."""

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
    """The clock that thawing or opening started ran out."""

    def __init__(self, *, item: str, use_by: datetime) -> None:
        super().__init__(item)
        self.message = _("%(item)s was to be used by %(time)s. It must not be used any more.") % {
            "item": item,
            "time": date_format(timezone.localtime(use_by), "j. n. Y H:i"),
        }


class StoreExists(StockError):
    """The site or region has a store already."""

    message = _("This store is established already.")


class NothingToRecord(StockError):
    """No line with a number above zero."""

    message = _("Nothing was filled in: write a number at least at one line.")


class SameStore(StockError):
    """A dispatch to the store it comes from."""

    message = _("A store cannot send to itself. Choose another one.")


class AlreadyReversed(StockError):
    """The document was reversed before."""

    message = _("This document was cancelled already.")


class CannotReverse(StockError):
    """A reversal, or the establishment of a store, cannot be reversed."""

    message = _("This document cannot be cancelled; record a new one instead.")


class DeliveredMeanwhile(StockError):
    """The dispatch was confirmed by its recipient, so it cannot be called back."""

    message = _("The recipient has confirmed this delivery already. Only the recipient can cancel the confirmation.")


class NotInTransit(StockError):
    """The dispatch was delivered or called back before."""

    message = _("This delivery is not on its way any more: it was confirmed or called back.")


class DifferenceNeedsReason(StockError):
    """What came is not what was sent, and nobody said why."""

    message = _("The numbers differ from what was sent. Choose the reason of the difference.")


class CountedMeanwhile(StockError):
    """Stock moved between the counting and the sending of the form."""

    message = _("The stock changed while you were counting. Check the numbers below and send the form again.")


class WrongDoses(StockError):
    """So many doses cannot come from so many vials."""

    def __init__(self, *, most: int) -> None:
        super().__init__(most)
        self.message = _("So many doses cannot be in these vials: at least 1 and at most %(most)d.") % {"most": most}


class NoSuchStorage(StockError):
    """The vaccine is not kept that way, or the vial cannot go back to it."""

    message = _("This vaccine cannot be moved to that kind of storage.")


class NotOpened(StockError):
    """Doses are used from opened vials, and only closed vials are opened or sent."""

    message = _("This works only with a closed vial, or only with an opened one. Choose another line.")


# --- sites --------------------------------------------------------------------------------------


class SiteError(DomainError):
    """The state of a site cannot be changed so; nothing was changed."""

    way_back = "admin:logistics_vaccinationsite_changelist"


class StateNotAllowed(SiteError):
    """The state does not follow the present one, or this person may not decide so."""

    message = _("The site cannot be brought to this state, or you are not the one to decide it.")


class SiteChangedMeanwhile(SiteError):
    """Somebody else changed the state after the page was opened."""

    message = _("Somebody has changed the state of the site in the meantime. Look at it again, then decide.")


class SiteLiesNowhere(SiteError):
    """A site without a district would open, and nobody would find it."""

    message = _("Fill in the district of the site first: people look for sites by district.")


# --- batches ------------------------------------------------------------------------------------


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


# --- accounts of staff --------------------------------------------------------------------------


class StaffError(DomainError):
    """Something with an account of staff is refused."""

    way_back = "logistics:account"


class WrongPassword(StaffError):
    """No such account, or not its password: nobody learns which."""

    message = _("The name or the password is not right. Please check both and try again.")
    way_back = "logistics:log_in"


class PasswordLocked(StaffError):
    """Too many wrong passwords for this name from this address, whether there is such an account or not."""

    way_back = "logistics:log_in"

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("Too many wrong passwords. For safety nobody can log in with this name until %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i")
        }


class CodeRefused(StaffError):
    """The base of what may be wrong with a code of the second factor."""

    way_back = "logistics:code"


class WrongCode(CodeRefused):
    """Neither the code of this half minute nor an unused recovery code."""

    message = _("This code is not right. Type the six digits that the app shows at this moment.")


class CodeUsed(CodeRefused):
    """Each code works once, so that nobody who looked over a shoulder can use it again."""

    message = _("This code has been used already. Wait until the app shows another one, half a minute at most.")


class CodesLocked(CodeRefused):
    """After wrong codes there is a pause, each time twice as long."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until)
        self.message = _("After a wrong code there is a short pause. Please try again at %(time)s.") % {
            "time": date_format(timezone.localtime(until), "G:i:s")
        }


class AlreadySetUp(StaffError):
    """The account has a second factor; another one is set up from the account, with a code of the old one."""

    message = _("The second factor of this account is set up already. Log in with its code.")
    way_back = "logistics:log_in"


class InvitationRefused(StaffError):
    """The base of what may be wrong with an invitation."""

    way_back = "logistics:invitation"


class NoSuchInvitation(InvitationRefused):
    """No invitation has this code and this e-mail."""

    message = _("We know no such invitation. Please check the e-mail and the code letter by letter.")


class InvitationExpired(InvitationRefused):
    """The seven days are over, or a newer invitation replaced it."""

    message = _("This invitation is no longer valid. Ask whoever invited you to send another one.")


class InvitationUsed(InvitationRefused):
    """It was accepted already."""

    message = _("This invitation has been used already. Log in with your e-mail and password.")
    way_back = "logistics:log_in"


class AccountExists(InvitationRefused):
    """Somebody made an account with this e-mail in the meantime."""

    message = _("There is an account with this e-mail already. Please accept the invitation with its password.")


class NotYoursToGive(StaffError):
    """The person may not give or take this role at this place."""

    message = _("You cannot give or take this role there.")


class LastManager(StaffError):
    """A site always has somebody who can invite others; the region or the ministry may take the last one away."""

    message = _("This is the last manager of the site. Invite another one first.")


class CannotReset(StaffError):
    """The colleague also works where the person does not manage staff, or the account is their own."""

    message = _("You can reset the second factor only of colleagues who work at your sites alone.")


# --- scanning -----------------------------------------------------------------------------------


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
