"""Why the outbox refuses."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class CannotSendAgain(DomainError):
    """The message did not fail, or its text is gone."""

    message = _("Only a failed message whose text is still kept can be sent again.")
    way_back = "admin:messaging_message_changelist"


class NotWanted(Exception):  # no fault: what the e-mail is about has changed
    """Raised by a maker of attachments: the e-mail must not go out any more."""


class CannotBeMade(Exception):
    """Raised by a maker of attachments that will never succeed, so staff must do something; the text says what."""
