"""Why a change of a site is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class SiteError(DomainError):
    """The state of a site cannot be changed so; nothing was changed."""

    way_back = "admin:logistics_vaccinationsite_changelist"


class StateNotAllowed(SiteError):
    """The state does not follow the present one, or this person may not decide so."""

    message = _("The site cannot be brought to this state, or you are not the one to decide it.")


class SiteChangedMeanwhile(SiteError):
    """Somebody else changed the state after the page was opened."""

    message = _("Somebody has changed the state of the site in the meantime. Look at it again, then decide.")


class SiteLiesNowhere(SiteError):
    """A site without a district would open, and nobody would find it."""

    message = _("Fill in the district of the site first: people look for sites by district.")
