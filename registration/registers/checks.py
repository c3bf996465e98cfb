"""System checks of the settings of the registers."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from registration.registers.configured import LOCAL

NAMES = ("INSURERS_REGISTER", "HEALTH_WORKERS_REGISTER")


@register(Tags.security)
def addresses(**_: Any) -> list[CheckMessage]:
    """crs.E171: a register that is neither "local" nor an https address, or one with a password or a question in it."""
    return [
        Error(
            f"{name} is neither empty, nor `local`, nor the https address of a register.",
            hint="Such as https://register.example.cz/v1/insured; the token goes into a variable of its own.",
            id="crs.E171",
        )
        for name in NAMES
        if getattr(settings, name) not in ("", LOCAL) and not _is_address(getattr(settings, name))
    ]


@register()
def authorities(**_: Any) -> list[CheckMessage]:
    """crs.E172: a file of certificates that is not there."""
    if not settings.REGISTERS_CA_FILE or Path(settings.REGISTERS_CA_FILE).is_file():
        return []
    return [
        Error(
            "REGISTERS_CA_FILE names no file.",
            hint="A file of certificates (PEM) that the registers' servers are trusted by, or empty.",
            id="crs.E172",
        )
    ]


def _is_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        is_port_read = address.port is None or address.port > 0
    except ValueError:
        return False
    is_bare = not (address.username or address.password or address.query or address.fragment)
    return address.scheme == "https" and bool(address.hostname) and is_port_read and is_bare
