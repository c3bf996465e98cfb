"""The signer that signs now. Its private key is decrypted once in a while in each process, and never leaves it."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from django.conf import settings
from django.utils.module_loading import import_string

from certificates.errors import NoSigner
from certificates.hcert.signing import KeySigner, Signer
from certificates.keys.files import private_key_of
from certificates.models import SigningKey

IN_DATABASE = "database"
# After so long a process reads the key anew, so one that was re-encrypted or withdrawn does not stay in its memory.
SECONDS_KEPT = 300.0

# Makes the signer of a certificate whose private key another keeps, an HSM for one (docs/operations.md).
Backend = Callable[[x509.Certificate], Signer]

_kept: dict[tuple[int, str], tuple[float, Signer]] = {}
_lock = threading.Lock()


def current(now: datetime) -> Signer:
    """The signer of the newest key that may sign at `now`. Raises NoSigner where there is none.

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
            signer = signer_of(SigningKey.objects.select_related("signer").get(pk=found[0]))
            _kept[found] = moment + SECONDS_KEPT, signer
    return signer


def signer_of(key: SigningKey) -> Signer:
    """The signer that signs with `key`, by whoever keeps it; not kept here."""
    certificate = key.signer.certificate
    if key.kept_by == IN_DATABASE:
        return KeySigner(private_key_of(key.private_key), certificate)
    return backend(key.kept_by)(certificate)


def backend(name: str) -> Backend:
    """What `SIGNER_BACKENDS` names so. Raises LookupError that says so where it names nothing."""
    if name not in settings.SIGNER_BACKENDS:
        raise LookupError(f"SIGNER_BACKENDS does not name {name}, which keeps the key of a signer.")
    made: Backend = import_string(settings.SIGNER_BACKENDS[name])
    return made
