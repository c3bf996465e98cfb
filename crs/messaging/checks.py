"""System checks of the configuration of the carriers."""

from typing import Any

import environ
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


@register(Tags.security)
def gateways(**_: Any) -> list[CheckMessage]:
    """crs.E001: Twilio without a sender; crs.E002: EMAIL_URL that is not SMTP; crs.W001: no carrier at all."""
    found: list[CheckMessage] = []
    if settings.TWILIO_ACCOUNT_SID and not settings.TWILIO_SENDER:
        found.append(
            checks.Error(
                "TWILIO_ACCOUNT_SID is set, TWILIO_SENDER is not.",
                hint="Set it to a number or name of yours at Twilio, or to the SID of a messaging service (MG…).",
                id="crs.E001",
            )
        )
    if settings.EMAIL_URL and not _is_smtp(settings.EMAIL_URL):
        found.append(
            checks.Error(
                "EMAIL_URL does not name an SMTP server.",
                hint="smtp://user:password@host:25, smtp+tls://…:587 or smtp+ssl://…:465.",
                id="crs.E002",
            )
        )
    if not settings.INBOX_IS_OPEN and not (settings.TWILIO_ACCOUNT_SID and settings.EMAIL_URL):
        found.append(
            checks.Warning(
                "SMS or e-mails go nowhere: no carrier is configured and the local inbox is closed.",
                hint="Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_SENDER and EMAIL_URL.",
                id="crs.W001",
            )
        )
    return found


def _is_smtp(url: str) -> bool:
    try:
        return bool(environ.Env.email_url_config(url)["EMAIL_BACKEND"] == SMTP_BACKEND)
    except (KeyError, environ.ImproperlyConfigured):
        return False
