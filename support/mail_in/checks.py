"""System checks of where letters come from."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from support.mail_in import listener, mailbox
from support.mail_out.tokens import LONGEST_NAME

HERE = ("localhost", "127.0.0.1", "::1")
_is_address = EmailValidator(allowlist=["localhost"])


@register()
def desks(**_: Any) -> list[CheckMessage]:
    """support.E001: the receiver's address; E002: a mailbox; E003: a desk's address; W001: a password sent in clear."""
    return [*_listener(), *_mailboxes(), *_addresses()]


def _listener() -> list[CheckMessage]:
    try:
        listener.address_of(settings.SUPPORT_LISTENER)
    except ValueError as error:
        hint = "It is where `manage.py receive_mail` waits for the mail server of the house."
        return [Error(f"SUPPORT_LISTENER: {error}.", hint=hint, id="support.E001")]
    return []


def _mailboxes() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for desk, url in settings.SUPPORT_MAILBOXES.items():
        if not url:
            continue
        name = f"{desk}_DESK_MAILBOX"
        try:
            box = mailbox.mailbox_of(url)
        except ValueError as error:
            hint = f"Write the address into the file that {name}_FILE names; it holds a password."
            found.append(Error(f"{name}: {error}", hint=hint, id="support.E002"))
            continue
        if box.scheme == "imap" and box.host not in HERE:
            hint = "Take imaps://, or imap+starttls:// for port 143."
            found.append(
                checks.Warning(f"{name} sends its password in clear to {box.host}.", hint=hint, id="support.W001")
            )
    return found


def _addresses() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for desk, address in settings.SUPPORT_ADDRESSES.items():
        try:
            _is_address(address)
            is_right = "+" not in address and len(address.rpartition("@")[0]) <= LONGEST_NAME
        except ValidationError:
            is_right = False
        if not is_right:
            hint = (
                f"Such as podpora@example.cz, without a plus sign and with at most {LONGEST_NAME} signs before @: "
                "CRS adds a plus sign and a token to it."
            )
            found.append(Error(f"{desk}_DESK_ADDRESS is no address of a desk.", hint=hint, id="support.E003"))
    if len({address.casefold() for address in settings.SUPPORT_ADDRESSES.values()}) < len(settings.SUPPORT_ADDRESSES):
        hint = "A letter could not be told from one to the other desk."
        found.append(Error("SITES_DESK_ADDRESS and LINE_DESK_ADDRESS are one.", hint=hint, id="support.E003"))
    return found
