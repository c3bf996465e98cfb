"""The local inbox: nothing leaves the machine, `/inbox/` shows what would have been sent."""

from django.conf import settings

from crs.messaging.models import Message


class InboxGateway:
    """Carries a message as far as our own database, where it already is."""

    reports_later = False

    @property
    def keeps_text(self) -> bool:
        """While the inbox is open, it is where the recipient reads."""
        return bool(settings.INBOX_IS_OPEN)

    def send(self, message: Message) -> str:
        """Nothing to do; never fails."""
        return f"local-{message.pk}"

    def close(self) -> None:
        """Nothing is open."""
