"""Why something with a certificate is refused, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class NoSigner(DomainError):
    """No key of ours may sign now."""

    message = _("No certificate can be issued now: there is no valid signing key. The ministry has to add one.")


class RevokedCertificate(DomainError):
    """The certificate was revoked: nobody may be given a paper of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.message = _(
            "This certificate was revoked (%(reason)s) and cannot be printed. "
            "Print the one that is valid, or issue a new one."
        ) % {"reason": reason}


class DamagedCertificate(DomainError):
    """What is stored of the certificate is not what was signed."""

    message = _("This certificate cannot be printed: its record is damaged. Please issue it anew.")


class SealedKey(NoSigner):
    """No key of `SIGNING_KEY_ENCRYPTION_KEY` opens a private key."""

    message = _(
        "No certificate can be issued now: the signing key cannot be opened. The operators of CRS have to look at "
        "SIGNING_KEY_ENCRYPTION_KEY."
    )
