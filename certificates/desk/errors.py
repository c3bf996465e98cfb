"""Why something is refused at the counter."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class NoCertificateToRevoke(DomainError):
    """Somebody else revoked it meanwhile, or another one was issued instead."""

    message = _("This certificate is not valid any more: it was revoked or replaced meanwhile.")
