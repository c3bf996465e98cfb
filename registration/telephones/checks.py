"""System checks of the settings of registration."""

from typing import Any

import phonenumbers
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def sms(**_: Any) -> list[CheckMessage]:
    """crs.E161: a country of `SMS_COUNTRIES` that does not exist."""
    found: list[CheckMessage] = []
    unknown = sorted(set(settings.SMS_COUNTRIES) - phonenumbers.SUPPORTED_REGIONS)
    if unknown or not settings.SMS_COUNTRIES:
        found.append(
            Error(
                f"SMS_COUNTRIES names no country, or unknown ones: {', '.join(unknown)}",
                hint="Two-letter codes of ISO 3166 in capitals, separated by commas: CZ,SK,DE.",
                id="crs.E161",
            )
        )
    return found
