"""Why a text is not a genuine certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography import x509


class Reason(StrEnum):
    """The first thing that was wrong, in the order in which it is looked at."""

    TOO_LONG = "TOO_LONG"
    NO_PREFIX = "NO_PREFIX"
    NOT_BASE45 = "NOT_BASE45"
    NOT_COMPRESSED = "NOT_COMPRESSED"
    TOO_LARGE = "TOO_LARGE"
    NOT_CBOR = "NOT_CBOR"
    NOT_SIGNED = "NOT_SIGNED"
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER"
    UNKNOWN_ALGORITHM = "UNKNOWN_ALGORITHM"
    WRONG_SIGNATURE = "WRONG_SIGNATURE"
    # From here on the signature was right.
    NO_CERTIFICATE = "NO_CERTIFICATE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SIGNER_EXPIRED = "SIGNER_EXPIRED"
    WRONG_PURPOSE = "WRONG_PURPOSE"


@dataclass(frozen=True)
class Genuine:
    """What a trusted signer has signed. Its values are plain (texts, numbers, lists, maps with texts as keys)."""

    payload: dict[str, Any]
    country: str  # two letters of the signer's state; empty where neither its certificate nor its list says
    claimed_country: str  # two letters of the state that the code names as its issuer; empty where it names none
    issued_at: datetime | None
    expires_at: datetime | None
    kid: bytes
    signer: x509.Certificate
    algorithm: int  # COSE: -7 is ES256, -37 PS256
    signature: bytes
    kind: str  # 'v' vaccination, 't' test, 'r' recovery
    entries: tuple[dict[str, Any], ...]  # one, or in a few genuine codes more

    @property
    def entry(self) -> dict[str, Any]:
        """The entry, the last one where there are several."""
        return self.entries[-1]

    @property
    def uvci(self) -> str:
        """The identifier of the certificate; empty where it has none."""
        return uvci_of(self.entry)


def uvci_of(entry: Mapping[str, Any]) -> str:
    """The identifier of a certificate; empty where it has none."""
    return entry["ci"] if isinstance(entry.get("ci"), str) else ""


class Refusal(Exception):
    """The text is not a genuine certificate. Where only dates or the purpose are wrong, `genuine` is what was read."""

    def __init__(self, reason: Reason, genuine: Genuine | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.genuine = genuine
