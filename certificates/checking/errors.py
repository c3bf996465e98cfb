"""Why a certificate is not checked now."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError, TooManyTries


class DecoderBusy(DomainError):
    """Too many files at once."""

    message = _(
        "Many people are checking certificates at this moment. Please wait a few seconds and send the file again."
    )
    status = 503


class TooManyChecks(TooManyTries):
    """A network has had its share of checks."""

    message = _("Too many checks from your network. Please try again in an hour.")


class TooManyNumbers(TooManyTries):
    """A network, or a number, has had its share of checks by number and date of birth."""

    message = _(
        "Too many tries with an evidence number. Please try again in an hour, or scan the square code of the "
        "certificate: that works at once."
    )
