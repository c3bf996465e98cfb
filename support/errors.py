"""Why support refuses something; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ClaimedBySomebody(DomainError):
    """Another member of staff works on the ticket at present."""

    message = _("Somebody else works on this ticket at present. Open it again to see who, and what changed.")


<<<<<<< HEAD
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
