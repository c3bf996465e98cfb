"""Why the desk holds an answer back; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class LetterCameMeanwhile(DomainError):
    """The conversation is longer than the one that was answered."""

    message = _(
        "A new message came while you were writing, so nothing was sent. It stands at the end of the conversation. "
        "Read it, change your answer if need be, and send it again."
    )
