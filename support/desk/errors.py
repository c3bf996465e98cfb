"""Why the desk holds an answer back; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class LetterCameMeanwhile(DomainError):
    """The conversation is longer than the one that was read."""

    message = _(
        "A new message came meanwhile, so nothing was sent or changed. It stands at the end of the conversation. "
        "Read it, and then do it again if it still fits."
    )


class NumbersToAnother(DomainError):
    """Insured numbers would go to somebody else, by whoever may not see them."""

    message = _(
        "This answer holds an insured number, so from level 2 on it can be sent to another address. Pass the ticket to "
        "a higher level."
    )
