"""The signer that signs now. Its private key is decrypted once in a while in each process, and never leaves it."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils.module_loading import import_string

from certificates.errors import NoSigner, SealedKey
from certificates.hcert.signing import KeySigner, Signer
from certificates.hcert.trusted import kid_of
from certificates.keys.files import private_key_of
from certificates.models import SignerCertificate, SigningKey

IN_DATABASE = "database"
# After so long a process reads the key anew, so one that was re-encrypted or withdrawn does not stay in its memory.
SECONDS_KEPT = 300.0

# Makes the signer of a certificate whose private key another keeps, an HSM for one (docs/operations.md).
Backend = Callable[[x509.Certificate], Signer]

logger = logging.getLogger(__name__)

_kept: dict[tuple[int, str], tuple[float, Signer]] = {}
_lock = threading.Lock()


def current(now: datetime) -> Signer:
    """The signer of the newest key that may sign at `now`. Raises NoSigner where there is none that can be used.

    Each call asks the database which one that is, so a withdrawn signer signs nothing more, in no process.
    """
    found = SigningKey.objects.signing(now).values_list("pk", "signer__sha256").first()
    if found is None:
        raise NoSigner
    moment = time.monotonic()
    with _lock:
        # Two threads that come at once decrypt it once.
        until, signer = _kept.get(found, (0.0, None))
        if signer is None or until <= moment:
            for stale in [row for row, (end, _) in _kept.items() if end <= moment]:
                del _kept[stale]
            signer = _read(found[0])
            _kept[found] = moment + SECONDS_KEPT, signer
    return signer


def _read(pk: int) -> Signer:
    try:
        return signer_of(SigningKey.objects.select_related("signer").get(pk=pk))
    except SealedKey:
        logger.exception("The private key that should sign cannot be decrypted.")
        raise
    except LookupError as error:
        logger.exception("Whoever keeps the key that should sign is not known.")
        raise NoSigner from error


def signer_of(key: SigningKey) -> Signer:
    """The signer that signs with `key`, by whoever keeps it; not kept here.

    Raises SealedKey, and LookupError where `SIGNER_BACKENDS` does not name who keeps it.
    """
    certificate = key.signer.certificate
    if key.kept_by == IN_DATABASE:
        return KeySigner(certificate, private_key_of(key.private_key))
    return OutsideSigner(key.kept_by, certificate)


def row_of(signer: Signer) -> SignerCertificate:
    """The row of the signer's certificate."""
    der = signer.certificate.public_bytes(Encoding.DER)
    return SignerCertificate.objects.get(sha256=sha256(der).hexdigest())


class OutsideSigner:
    """A signer whose key another keeps: one signature at a time in a process, and a failure is NoSigner."""

    algorithm = KeySigner.algorithm

    def __init__(self, kept_by: str, certificate: x509.Certificate) -> None:
        """Raise LookupError where `SIGNER_BACKENDS` does not name `kept_by`."""
        self.certificate = certificate
        self.kid = kid_of(certificate)
        self._kept_by = kept_by
        self._backend = backend(kept_by)
        self._signer: Signer | None = None
        # Sessions of an HSM are not made for two threads at once.
        self._lock = threading.Lock()

    def sign(self, data: bytes) -> bytes:
        """What the backend signs. Raises NoSigner where it fails; the next call opens it anew."""
        with self._lock:
            try:
                if self._signer is None:
                    self._signer = self._backend(self.certificate)
                return self._signer.sign(data)
            except Exception as error:  # whatever a vendor's library raises
                self._signer = None
                logger.exception("%s does not sign.", self._kept_by)
                raise NoSigner from error


def backend(name: str) -> Backend:
    """What `SIGNER_BACKENDS` names so. Raises LookupError that says so where it names nothing."""
    try:
        made: Backend = import_string(settings.SIGNER_BACKENDS[name])
    except (KeyError, ImportError) as error:
        raise LookupError(f"SIGNER_BACKENDS names nothing that can be imported as {name}.") from error
    return made
