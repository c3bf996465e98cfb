"""Why the outbox refuses."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError
from crs.messaging.models import LetterBatch


class CannotSendAgain(DomainError):
    """The message did not fail, or its text is gone."""

    message = _("Only a failed message whose text is still kept can be sent again.")
    way_back = "admin:messaging_message_changelist"


class BatchAlreadyPrinted(DomainError):
    """Somebody has taken the file of the batch."""

    def __init__(self, batch: LetterBatch) -> None:
        moment = date_format(timezone.localtime(batch.printed_at), "j. n. Y G:i")
        text = _(
            "%(who)s has printed this batch already, on %(moment)s. Print it again only if the print was spoilt: "
            "tick the box for it."
        )
        who = batch.printed_by.get_full_name() or batch.printed_by.get_username() if batch.printed_by else ""
        self.message = text % {"who": who, "moment": moment}
        super().__init__(self.message)


class BatchAlreadyPosted(DomainError):
    """What is at the post office cannot be printed or posted again."""

    message = _("This batch has been posted already.")


class BatchNotPrinted(DomainError):
    """A batch is printed before it is posted."""

    message = _("This batch has not been printed yet. Print it first.")


class BatchEmpty(DomainError):
    """All letters of the batch were cancelled."""

    message = _("No letter is left in this batch: all were cancelled before they were printed.")


class BatchChanged(DomainError):
    """A letter was cancelled, or got another address, while the file was made."""

    message = _("A letter of the batch has changed at this moment. Nothing counts as printed; press the button again.")


class LetterNotPosted(DomainError):
    """There is no posted letter with this number."""

    message = _("There is no letter with this number that was posted and has not come back. Please check the number.")


class NotWanted(Exception):  # no fault: what the e-mail is about has changed
    """Raised by a maker of attachments: the e-mail must not go out any more."""


class CannotBeMade(Exception):
    """Raised by a maker of attachments that will never succeed, so staff must do something; the text says what."""
