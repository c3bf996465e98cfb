"""Reads one extension of a certificate, whatever the others are like."""

import re
from typing import TypeVar

from cryptography import x509

Kind = TypeVar("Kind", bound=x509.ExtensionType)
# In DER: the number of the extended key usage (2.5.29.37), perhaps a word on how critical it is, and its length.
_USAGE = b"\x06\x03\x55\x1d\x25"
_USAGE_BEFORE_VALUE = re.compile(
    _USAGE + rb"(?:\x01\x01[\x00\xff])?\x04(?:\x81(?=[\x80-\xff])|(?=[\x00-\x7f]))(.)", re.DOTALL
)


class UnreadableExtensions(ValueError):
    """The library reads all extensions or none, and one of these is broken or of a kind that it does not know."""


def extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    """The extension of this kind; None where the certificate has none. Raises UnreadableExtensions."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except Exception as error:  # broken ones, doubled ones and kinds of names that the library lacks come as many kinds
        raise UnreadableExtensions("Its extensions cannot be read.") from error


def usages_in(der: bytes) -> list[bytes] | None:
    """The extended key usages in the DER of a certificate whose extensions cannot be read; None where they cannot too.

    It is looked for by its number, so the other extensions may be as they like.
    """
    found = [der[match.end() : match.end() + match[1][0]] for match in _USAGE_BEFORE_VALUE.finditer(der)]
    return found if len(found) == der.count(_USAGE) else None
