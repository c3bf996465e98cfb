"""Why there is no paper."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class PaperUnavailable(RuntimeError):
    """A file that every paper needs (a font) is missing: the installation is not complete."""


class PaperFailed(RuntimeError):
    """A paper cannot be set; the text is what WeasyPrint had to say."""


class PaperLate(DomainError):
    """The paper was not ready within its time, or the process that set it died."""

    message = _("The paper is not ready yet. Please try again in a moment.")


class PaperBusy(PaperLate):
    """The paper's time to wait for others ran out before its turn came."""
