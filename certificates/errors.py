"""Why something with a certificate is refused, in the words that the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class NoSigner(DomainError):
    """No key of ours may sign now."""

    message = _("No certificate can be issued now: there is no valid signing key. The ministry has to add one.")


class SealedKey(NoSigner):
    """No key of `SIGNING_KEY_ENCRYPTION_KEY` opens a private key."""

    message = _(
        "No certificate can be issued now: the signing key cannot be opened. The operators of CRS have to look at "
        "SIGNING_KEY_ENCRYPTION_KEY."
    )
