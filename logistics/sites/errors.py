"""Refusals of a change of a site."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class SiteError(DomainError):
    """A change of a site that is not allowed; nothing was changed."""

    way_back = "admin:logistics_vaccinationsite_changelist"


class StateNotAllowed(SiteError):
    """The state may not follow the present one, or this person may not decide it."""

    message = _("The site cannot be brought to this state, or you are not the one to decide it.")


class SiteChangedMeanwhile(SiteError):
    """Somebody else changed the state after the page was opened."""

    message = _("Somebody has changed the state of the site in the meantime. Look at it again, then decide.")


class SiteLiesNowhere(SiteError):
    """A site without a district cannot open: nobody would find it."""

    message = _("Fill in the district of the site first: people look for sites by district.")
