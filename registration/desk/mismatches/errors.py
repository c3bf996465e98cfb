"""Why the mismatch desk refuses, in the words that its staff read."""

from django.utils.translation import gettext_lazy as _

from registration.errors import RegistrationError


class MismatchError(RegistrationError):
    """The base of these refusals; uncaught, it leads to the list."""

    way_back = "registration:mismatches"


class MismatchDecided(MismatchError):
    """A colleague was faster, or the registration has ended meanwhile."""

    message = _("This mismatch has been decided already, or its registration has ended. Nothing has changed.")


class DecisionNotPossible(MismatchError):
    """The register says nothing that could be taken over."""

    message = _("This cannot be decided so: the register says nothing that could be taken over.")


class AskedLately(MismatchError):
    """A message went out less than a day ago."""

    message = _("The person was asked less than a day ago. Please wait for an answer, or call them.")


class CannotBeAsked(MismatchError):
    """No telephone, no e-mail, no address."""

    message = _("Nothing can be sent to this person: there is no mobile telephone, no e-mail and no address.")
