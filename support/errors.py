"""Why support refuses something; the text is what the person reads."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ClaimedBySomebody(DomainError):
    """Another member of staff works on the ticket at present."""

    message = _("Somebody else works on this ticket at present. Open it again to see who, and what changed.")


class NotLinkedToTicket(DomainError):
    """An expert reads the timeline of people whom the ticket is about, of nobody else."""

    message = _("This person is not linked to the ticket. Link them first, by their insured number.")


class NothingHasThisNumber(DomainError):
    """What somebody typed is no number that CRS knows."""

    message = _("Nothing was found under this number. Please compare it with what stands in the letter.")


class SeveralHaveThisNumber(DomainError):
    """Two vaccines have a batch of one number."""

    message = _("More than one has this number. Please scan the code of the pack instead.")
