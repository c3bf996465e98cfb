"""The carriers of messages: one module per provider, all of one shape."""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from crs.messaging.models import Message


class GatewayError(Exception):
    """A carrier did not take a message; `is_permanent` says that it never will."""

    def __init__(self, text: str, *, permanent: bool) -> None:
        super().__init__(text)
        self.is_permanent = permanent


class Gateway(Protocol):
    """A carrier of one channel, used by one worker at a time and closed after a round of work."""

    @property
    def keeps_text(self) -> bool:
        """Whether the text must stay in our database because only there the recipient can read it."""

    @property
    def reports_later(self) -> bool:
        """Whether the provider tells `crs.messaging.callbacks` what became of a message that it took."""

    def send(self, message: Message) -> str:
        """Hand `message` over and return the provider's identifier of it. Raises GatewayError.

        Takes at most about 30 seconds, so that a batch is over before its claim may be taken up by
        another worker (`crs.messaging.delivery.CLAIM_VALIDITY`).
        """

    def close(self) -> None:
        """Let go of connections."""


def gateway_for(channel: Message.Channel) -> Gateway:
    """The configured carrier of `channel`."""
    path = settings.SMS_GATEWAY if channel == Message.Channel.SMS else settings.EMAIL_GATEWAY
    gateway: Gateway = import_string(path)()
    return gateway
