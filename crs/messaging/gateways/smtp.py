"""E-mail by SMTP."""

import re
import smtplib
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from typing import Any

import environ
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from crs.messaging import headers
from crs.messaging.gateways import GatewayError
from crs.messaging.models import Attachment, Message

# For each word with the server; a whole e-mail takes a few of them.
TIMEOUT_SECONDS = 8
_LOGIN_REFUSED = 535  # an operator puts that right; the e-mail is not to blame


class SmtpGateway:
    """The server that EMAIL_URL names; the connection is kept for a round of work."""

    keeps_text = False
    reports_later = False

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def send(self, message: Message) -> str:
        """Hand the e-mail to the server; returns what stands left of @ in its Message-ID. Raises GatewayError."""
        try:
            self._opened().send_messages([_letter(message)])
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise self._failed(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise self._failed(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise GatewayError(
                f"SMTP: {type(error).__name__}: {_without_addresses(str(error))}", permanent=False
            ) from error
        except ValueError as error:  # an address or a header that no e-mail may have
            self.close()
            raise GatewayError(f"SMTP: {_without_addresses(str(error))}", permanent=True) from error
        return headers.identifier(message)

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> BaseEmailBackend:
        if self._connection is None:
            connection = get_connection(**_server())
            connection.open()
            self._connection = connection
        return self._connection

    def _failed(self, code: int, text: bytes | str) -> GatewayError:
        self.close()  # whatever the server thinks of the dialogue so far, the next e-mail starts afresh
        words = text.decode(errors="replace") if isinstance(text, bytes) else text
        return GatewayError(
            f"SMTP {code}: {_without_addresses(words)}", permanent=code >= 500 and code != _LOGIN_REFUSED
        )


def _server() -> dict[str, Any]:
    """The arguments of Django's SMTP backend from EMAIL_URL (`smtp://`, `smtp+tls://`, `smtp+ssl://`)."""
    url = environ.Env.email_url_config(settings.EMAIL_URL)
    use_tls, use_ssl = url.get("EMAIL_USE_TLS", False), url.get("EMAIL_USE_SSL", False)
    return {
        "backend": "django.core.mail.backends.smtp.EmailBackend",
        "host": url["EMAIL_HOST"],
        "port": url["EMAIL_PORT"] or (465 if use_ssl else 587 if use_tls else 25),
        "username": url["EMAIL_HOST_USER"] or "",
        "password": url["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": use_tls,
        "use_ssl": use_ssl,
        "timeout": TIMEOUT_SECONDS,
        "fail_silently": False,
    }


def _letter(message: Message) -> EmailMultiAlternatives:
    if not message.recipient.rpartition("@")[0].isascii():
        # Django would write it in a code that other servers take for another name.
        raise ValueError("Letters with accents before @ need SMTPUTF8, which is not spoken here.")
    sender = headers.sender(message)
    head = {
        "Message-ID": headers.message_id(message),
        "Content-Language": message.language,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies, please
        **message.headers,
    }
    letter = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=head.pop(headers.ENVELOPE_SENDER, "") or sender,  # Django puts it on the envelope
        to=[message.recipient],
        headers={name: value for name, value in head.items() if value},
    )
    for attachment in message.attachments.all():
        if ";" in attachment.content_type:
            letter.attach(_part(attachment))
        else:
            letter.attach(attachment.name, bytes(attachment.content), attachment.content_type)
    return letter


def _part(attachment: Attachment) -> MIMEBase:
    """A file whose type has parameters, byte for byte. Django would write a second charset beside ours."""
    part = MIMEBase("application", "octet-stream")
    part.replace_header("Content-Type", attachment.content_type)
    part.set_payload(bytes(attachment.content))
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=attachment.name)
    return part


def _without_addresses(text: str) -> str:
    """The text for the log: a mail server likes to repeat the recipient."""
    return re.sub(r"[^\s<>,;:'\"]+@[^\s<>,;:'\"]+", "…", text)
