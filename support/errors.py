"""Why support refuses something; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ClaimedBySomebody(DomainError):
    """Another member of staff works on the ticket at present."""

    message = _("Somebody else works on this ticket at present. Open it again to see who, and what changed.")
