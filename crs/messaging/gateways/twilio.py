"""SMS by Twilio."""

import logging
import re

import requests
from django.conf import settings
from django.urls import reverse
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from crs.messaging.gateways import GatewayError
from crs.messaging.models import Message

TIMEOUT_SECONDS = 10.0

# About this recipient or this text, so a second try is of no use (twilio.com/docs/api/errors). All
# else is tried again: a fault of our account is put right by people while the messages wait.
PERMANENT_CODES = frozenset(
    {
        21211,  # not a telephone number
        21214,  # the number cannot be reached
        21217,  # the number does not look valid
        21408,  # sending to this country is not allowed
        21602,  # no text
        21610,  # the recipient has refused our messages
        21612,  # no way to this number from ours
        21614,  # not a mobile number
        21617,  # the text is too long
    }
)

# The client writes headers at INFO and answers, which repeat the text, at DEBUG.
logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


class TwilioGateway:
    """Twilio's Programmable Messaging; it reports the further fate to `messaging:twilio_status`."""

    keeps_text = False
    reports_later = True

    def __init__(self) -> None:
        self._http = TwilioHttpClient(timeout=TIMEOUT_SECONDS)
        self._client = Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=self._http)
        if settings.TWILIO_API_URL:
            self._client.api.base_url = settings.TWILIO_API_URL

    def send(self, message: Message) -> str:
        """Hand the SMS to Twilio; returns its SID. Raises GatewayError."""
        # A sender that starts with MG is a messaging service, which chooses among several numbers.
        sender = "messaging_service_sid" if settings.TWILIO_SENDER.startswith("MG") else "from_"
        try:
            sent = self._client.messages.create(
                to=message.recipient,
                body=message.text,
                status_callback=settings.PUBLIC_URL + reverse("messaging:twilio_status"),
                **{sender: settings.TWILIO_SENDER},
            )
        except TwilioRestException as error:
            text = f"Twilio {error.code or '-'} (HTTP {error.status}): {_without_numbers(error.msg)}"
            raise GatewayError(text, permanent=error.code in PERMANENT_CODES) from error
        except (TwilioException, requests.RequestException, ValueError) as error:
            # ValueError: an answer that is not JSON, from a proxy on the way.
            raise GatewayError(f"Twilio: {type(error).__name__}", permanent=False) from error
        return str(sent.sid)

    def close(self) -> None:
        """Close the kept connections."""
        if self._http.session:
            self._http.session.close()


def _without_numbers(text: str) -> str:
    """Twilio's errors may repeat the number and the text: neither a telephone nor a PIN is for the log."""
    return re.sub(r"\+?\d{4,}", "…", text)
