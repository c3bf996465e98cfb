"""Short ways to write to the outbox in tests."""

from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse
from twilio.request_validator import RequestValidator

from crs.messaging import outbox
from crs.messaging.models import Message
from tests.cast import JANA

SMS, EMAIL = Message.Channel.SMS, Message.Channel.EMAIL
PIN, PERSONAL, BULK = Message.Lane.PIN, Message.Lane.PERSONAL, Message.Lane.BULK


def write_pin(recipient: str = JANA.phone, pin: str = "123456") -> Message:
    """A PIN in its lane."""
    return outbox.queue(
        channel=SMS,
        recipient=recipient,
        template="probe/pin",
        language="cs",
        context={"pin": pin},
        lane=PIN,
        is_secret=True,
    )


def write_sms(recipient: str = JANA.phone, **values: Any) -> Message:
    """An SMS without a secret."""
    arguments: dict[str, Any] = {"template": "probe/note", "language": "cs", "context": {"name": "Jana"}, **values}
    return outbox.queue(channel=SMS, recipient=recipient, **arguments)


def write_email(recipient: str = JANA.email, **values: Any) -> Message:
    """An e-mail."""
    arguments: dict[str, Any] = {"template": "probe/letter", "language": "cs", "context": {"name": "Jana"}, **values}
    return outbox.queue(channel=EMAIL, recipient=recipient, **arguments)


def again(message: Message) -> Message:
    """The message as it now stands in the database."""
    return Message.objects.get(pk=message.pk)


def report(provider_id: str, status: str, *, token: str = "token", **more: str) -> int:  # noqa: S107
    """Report as Twilio does, signed with `token`; returns the status of the answer."""
    form = {"MessageSid": provider_id, "MessageStatus": status, **more}
    address = reverse("messaging:twilio_status")
    signature = RequestValidator(token).compute_signature(settings.PUBLIC_URL + address, form)
    client = Client(enforce_csrf_checks=True, headers={"X-Twilio-Signature": signature})
    return client.post(address, form).status_code


def write_letter(recipient: str = "Marie Nováková\nDlouhá 1\n602 00 Brno", **values: Any) -> Message:
    """A letter with a PIN2."""
    arguments: dict[str, Any] = {
        "template": "probe/paper",
        "language": "cs",
        "context": {"name": "Marie", "pin2": "1234 5678"},
        "is_secret": True,
        **values,
    }
    return outbox.queue(channel=Message.Channel.LETTER, recipient=recipient, **arguments)
