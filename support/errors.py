"""Why support refuses something; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ClaimedBySomebody(DomainError):
    """Another member of staff works on the ticket at present."""

    message = _("Somebody else works on this ticket at present. Open it again to see who, and what changed.")


class NobodyToAnswer(DomainError):
    """The ticket has no address, or one to which nothing of ours may go."""

    message = _(
        "This ticket has no e-mail address to which an answer can go. Write a note about how you settled it, or open a "
        "new ticket with the right address."
    )


class NotAnAddress(DomainError):
    """What was typed is no e-mail address, or is one of ours."""

    message = _("This is not an e-mail address to which an answer can go. Please check it.")


class NothingToSend(DomainError):
    """An answer without a word."""

    message = _("The answer is empty. Please write it.")


class AnswerTooLong(DomainError):
    """An answer that no mailbox would like."""

    message = _("The answer is too long. Please shorten it, or attach a file.")


class FilesTooLarge(DomainError):
    """Many mailboxes refuse such an e-mail."""

    message = _("The files are larger than 10 MB together; many mailboxes would refuse them. Please attach fewer.")


class PartOfAnother(DomainError):
    """The ticket was merged into another one; letters go out from that one."""

    message = _("This ticket is part of another ticket by now. Please write the answer there.")
