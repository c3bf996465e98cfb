"""Why no certificate is issued, in the words that the person at the counter reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class DoseNotValid(DomainError):
    """The dose was entered in error."""

    message = _("There is no certificate of this dose: its record was marked as entered in error.")


class ObstacleError(DomainError):
    """Something is missing without which no certificate can be written."""


class LatinNameMissing(ObstacleError):
    """The name is in another script, and nobody wrote down how the travel document spells it."""

    message = _(
        "The name is not in Latin letters. Enter how the passport spells it; the certificate can be issued then."
    )


class CodesMissing(ObstacleError):
    """The EU code of the vaccine, or of a dose with this number, is not among our data."""

    message = _(
        "This vaccine, or a dose with this number, has no EU code here yet. The ministry has to add it; "
        "the certificate is issued by itself then."
    )


class RequestHeld(DomainError):
    """There were unusually many requests of one issuer in the hour."""

    message = _(
        "There were unusually many requests for certificates in this hour, so this one waits until the ministry "
        "looks at it. It is issued by itself once the ministry releases it."
    )


class RequestRejected(DomainError):
    """The ministry rejected the request."""

    message = _(
        "The ministry rejected this request for a certificate. If the dose is right, the manager of the "
        "site or the ministry can issue one; they write why."
    )


class TakenAway(DomainError):
    """The last certificate was revoked by hand, or the ministry rejected the last request."""

    message = _(
        "The certificate of this dose was revoked or rejected. Another one is issued only by the manager of the site "
        "or by the ministry, who write why."
    )


class NotIssuedNow(DomainError):
    """The record of the dose or of the person changed while the certificate was being signed, again and again."""

    message = _("The record of this dose is just being changed. Try again in a moment.")


class NothingHeld(DomainError):
    """Somebody else decided meanwhile, or the doses were annulled."""

    message = _("Nothing of this is held any more: somebody else has decided about it.")


class DecisionNeedsReason(DomainError):
    """A decision about held requests has a reason."""

    message = _("Write why: the reason is kept in the history.")
