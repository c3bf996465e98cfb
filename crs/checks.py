"""System checks of the settings that any room reads."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register

from crs.rates import rate, rates

ONE_RATE = (
    "PINS_PER_ADDRESS",
    "LOGINS_PER_ADDRESS",
    "STAFF_INVITATION_TRIES_PER_ADDRESS",
    "CODE_KEY_TRIES_PER_ADDRESS",
    "FORGOTTEN_PASSWORDS_PER_ADDRESS",
)
SEVERAL_RATES = ("PINS_PER_PHONE", "PINS_PER_PREFIX", "PINS_PER_COUNTRY", "PINS_IN_TOTAL")


@register()
def limits(**_: Any) -> list[CheckMessage]:
    """crs.E162: a limit that is no rate, or several where one is read."""
    found: list[CheckMessage] = []
    for name in (*ONE_RATE, *SEVERAL_RATES):
        read, example = (rate, "300/h") if name in ONE_RATE else (rates, "5/15m,10/d")
        try:
            read(getattr(settings, name))
        except ValueError as error:
            found.append(Error(f"{name}: {error}", hint=f"Such as {example}; at most 24 hours.", id="crs.E162"))
    return found


# Without them the pages about data and accessibility name nobody whom people could ask.
OF_THE_OPERATOR = (
    "OPERATOR_NAME",
    "OPERATOR_ADDRESS",
    "OPERATOR_EMAIL",
    "DATA_PROTECTION_OFFICER",
    "HELP_LINE_ABROAD",
)


@register(deploy=True)
def operator(**_: Any) -> list[CheckMessage]:
    """crs.W163: people are not told who runs the portal."""
    return [
        checks.Warning(
            f"{name} is not set.", hint="It stands on the pages of the portal: README, 'Configuration'.", id="crs.W163"
        )
        for name in OF_THE_OPERATOR
        if not getattr(settings, name)
    ]
