"""Why support refuses something; the text is what the person reads."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError

# --- tickets ------------------------------------------------------------------------------------


class TicketError(DomainError):
    """Something cannot be done with a ticket; nothing of it was."""


class ClaimedBySomebody(TicketError):
    """Another member of staff works on the ticket at present."""

    def __init__(self, *, number: str, who: str, until: datetime) -> None:
        super().__init__(number, who, until)
        self.who, self.until = who, until
        self.message = _(
            "%(who)s works on ticket %(number)s at present, until %(time)s unless they go on. "
            "Talk to them, or come back later. The lead of the help desks can take the ticket from them."
        ) % {"who": who, "number": number, "time": date_format(timezone.localtime(until), "G:i")}


class NotYourTicket(TicketError):
    """The ticket lies at a higher level, or in another region."""

    message = _("This ticket is now at a level or in a region of others. You can write a note for them.")


class IsPart(TicketError):
    """The ticket was merged into another."""

    message = _("This ticket is part of another one. Work on that one, or take them apart first.")


class IsClosed(TicketError):
    """The ticket is done."""

    message = _("This ticket is done already. Reopen it first, if there is still something to do.")


class ClosedTooLongAgo(TicketError):
    """The ticket was closed more than 30 days ago, or its letters are erased."""

    message = _("This ticket was closed too long ago to be reopened. Open a new one and mention its number.")


class WordsErased(TicketError):
    """What is written into a ticket after its time would be kept for good."""

    message = _("The letters of this ticket are erased, for its time is over. Open a new one and mention its number.")


class MergeWidens(TicketError):
    """More people see the other ticket, and would see the letters of this one there."""

    message = _(
        "Others see the second ticket: it is of another help desk or site. If both are about the same thing, sort them "
        "in the same way first."
    )


class HighestLevel(TicketError):
    """There is nobody above."""

    message = _("This ticket is at the highest level already.")


class LowestLevel(TicketError):
    """There is nobody below."""

    message = _("This ticket is at the lowest level of its help desk already.")


class WordsMissing(TicketError):
    """A note or a reason says nothing."""

    message = _("Write at least a few words, so that the others know why.")


class SameTicket(TicketError):
    """A ticket cannot be a part of itself."""

    message = _("This is the same ticket, or one that is already a part of it. Choose another one.")


class ChangedMeanwhile(TicketError):
    """Somebody merged or took apart at the same moment."""

    message = _("Somebody merged or took apart these tickets meanwhile. Look at them again first.")


class NotUndelivered(DomainError):
    """Only a letter that did not arrive is sent again, and only once."""

    message = _("This message did arrive, or somebody has dealt with it meanwhile. Look at the ticket again first.")


# --- privacy ------------------------------------------------------------------------------------


class NotLinkedToTicket(DomainError):
    """An expert reads the timeline of people whom the ticket is about, of nobody else."""

    message = _("This person is not linked to the ticket. Link them first, by their insured number.")


class NothingHasThisNumber(DomainError):
    """What somebody typed is no number that CRS knows."""

    message = _("Nothing was found under this number. Please compare it with what stands in the letter.")


class SeveralHaveThisNumber(DomainError):
    """Two vaccines have a batch of one number."""

    message = _("More than one has this number. Please scan the code of the pack instead.")


# --- letters that go out ------------------------------------------------------------------------


class NobodyToAnswer(DomainError):
    """The ticket has no address, or one to which nothing of ours may go."""

    message = _(
        "This ticket has no e-mail address to which an answer can go. Write a note about how you settled it, or open a "
        "new ticket with the right address."
    )


class NotAnAddress(DomainError):
    """What was typed is no e-mail address, or is one of ours."""

    message = _("This is not an e-mail address to which an answer can go. Please check it.")


class AnswerTooLong(DomainError):
    """An answer that no mailbox would like."""

    message = _("The answer is too long. Please shorten it, or attach a file.")


class FilesTooLarge(DomainError):
    """Many mailboxes refuse such an e-mail."""

    message = _("The files are larger than 10 MB together; many mailboxes would refuse them. Please attach fewer.")


class LetterErased(DomainError):
    """Its words are gone, by the rules of keeping."""

    message = _("The text of this message has been erased, so it cannot be sent again. Please write a new answer.")
