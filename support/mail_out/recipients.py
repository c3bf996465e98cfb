"""To whom letters may go."""

import re

from support.mail_out.tokens import is_ours

# One address and nothing beside it; whether it exists, its server says. Before @ other letters than ours would need
# SMTPUTF8 (crs/messaging/gateways/smtp.py); after it they have another spelling.
_PART_OF_DOMAIN = r"[^\s<>()\[\],;:\\\"@.]+"
_ADDRESS = re.compile(rf"[\w.!#$%&'*+/=?^`{{|}}~-]+@{_PART_OF_DOMAIN}(?:\.{_PART_OF_DOMAIN})*", re.ASCII)
_LONGEST = 254
_ROBOTS = re.compile(r"(?:mailer-daemon|no-?reply|do-?not-?reply|postmaster|bounces?)(?:[+=].*)?", re.IGNORECASE)


def may_be_written_to(address: str) -> bool:
    """Whether an answer may go there: it is an e-mail address, and not one of ours, where it would come back."""
    is_address = len(address) <= _LONGEST and address.isprintable() and _ADDRESS.fullmatch(address) is not None
    return is_address and not is_ours(address)


def may_get_automatic(address: str) -> bool:
    """Whether what nobody wrote may go there, too: not to addresses that no person reads."""
    return may_be_written_to(address) and _ROBOTS.fullmatch(address.partition("@")[0]) is None
