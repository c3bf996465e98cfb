"""What `manage.py check` says about the settings of registration."""

from typing import Any

import phonenumbers
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from registration.sms_caps import rates


@register()
def sms(**_: Any) -> list[CheckMessage]:
    """crs.E161: a country of `SMS_COUNTRIES` that does not exist; crs.E162: a cap that is no rate."""
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
    for name in ("PINS_PER_PHONE", "PINS_PER_PREFIX", "PINS_PER_COUNTRY", "PINS_IN_TOTAL"):
        try:
            rates(getattr(settings, name))
        except ValueError as error:
            found.append(Error(f"{name}: {error}", hint="Such as 5/15m,10/d; at most 24 hours.", id="crs.E162"))
    return found
