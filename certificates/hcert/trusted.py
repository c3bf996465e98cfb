"""The signers that a verifier trusts, found by their kid."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from certificates.hcert.extensions import UnreadableExtensions, extension, usages_in

KID_LENGTH = 8
_GREECE = frozenset({"EL", "GR"})
# Early signers carry the misspelt arc, with '.0.' for the European Commission's place in the tree.
_PURPOSES = {
    f"1.3.6.1.4.1.{spelling}1847.2021.1.{number}": kind
    for spelling in ("", "0.")
    for number, kind in enumerate("tvr", start=1)
}


def kid_of(certificate: x509.Certificate) -> bytes:
    """The name by which a code refers to its signer. Not unique: others may begin with the same bytes."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()[:KID_LENGTH]


_ENCODED_PURPOSES = {
    x509.ExtendedKeyUsage([x509.ObjectIdentifier(use)]).public_bytes()[2:]: kind for use, kind in _PURPOSES.items()
}
_ALL = frozenset("vtr")


def state_in(text: object) -> str:
    """The two letters of a state, as capitals; empty for anything else that stands in their place."""
    letters = text.strip() if isinstance(text, str) else ""
    return letters.upper() if re.fullmatch("[A-Za-z]{2}", letters) else ""


def spellings_of(state: str) -> frozenset[str]:
    """All that a state may stand as: the EU writes Greece EL, ISO 3166 GR. Empty for none."""
    return _GREECE if state in _GREECE else frozenset({state} if state else ())


@lru_cache(maxsize=256)
def country_of(certificate: x509.Certificate) -> str:
    """The two letters of the signer's state; empty where the certificate does not say."""
    try:
        states = certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    except ValueError:
        return ""
    return state_in(states[0].value) if states else ""


class TrustedSigner:
    """A signer's certificate with what verifying needs of it, each read once."""

    def __init__(self, certificate: x509.Certificate, *, listed_country: str = "") -> None:
        """`listed_country`: the state by the list that the signer is on, for a certificate that does not say."""
        self.certificate = certificate
        self.country = country_of(certificate) or state_in(listed_country)

    @cached_property
    def key(self) -> CertificatePublicKeyTypes | None:
        """Its public key; None for a kind that the library does not know, which signs nothing here."""
        try:
            return self.certificate.public_key()
        except (ValueError, UnsupportedAlgorithm):
            return None

    @cached_property
    def purposes(self) -> frozenset[str]:
        """The kinds of entries ('v', 't', 'r') that it may sign."""
        try:
            usage = extension(self.certificate, x509.ExtendedKeyUsage)
        except UnreadableExtensions:
            return self._purposes_in_der()
        return frozenset(_PURPOSES[use.dotted_string] for use in usage or () if use.dotted_string in _PURPOSES) or _ALL

    def _purposes_in_der(self) -> frozenset[str]:
        """Those of a certificate with a broken extension; none where its usages cannot be found.

        One published signer has an empty list of usages, which is no right DER. Nothing is restricted then.
        """
        usages = usages_in(self.certificate.public_bytes(Encoding.DER))
        if usages is None:
            return frozenset()
        return frozenset(kind for usage in usages for use, kind in _ENCODED_PURPOSES.items() if use in usage) or _ALL


class TrustedSigners:
    """An index of trusted signers."""

    def __init__(self, signers: Iterable[TrustedSigner | x509.Certificate]) -> None:
        """Signers, or their certificates."""
        self._by_kid: dict[bytes, list[TrustedSigner]] = {}
        for one in signers:
            signer = one if isinstance(one, TrustedSigner) else TrustedSigner(one)
            self._by_kid.setdefault(kid_of(signer.certificate), []).append(signer)

    def of(self, kid: bytes) -> Sequence[TrustedSigner]:
        """All signers with this kid; each of them may be the one."""
        return self._by_kid.get(kid, ())
