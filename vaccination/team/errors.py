"""Refusals about a site's team and its stations; each says what to do."""

from django.utils.translation import gettext_lazy as _

from vaccination.errors import VaccinationError


class TeamError(VaccinationError):
    """A change of the team or of the stations that is refused; nothing of it was done."""


class NumberTaken(TeamError):
    """Another health worker of the site has the number."""

    message = _(
        "Somebody with this number already works at this site. Check the number, or change the row that is there."
    )


class AccountTaken(TeamError):
    """The account is that of another health worker of the site."""

    message = _("This account belongs to another health worker of this site. End that row first.")


class DoctorIsLinked(TeamError):
    """The number is that of a doctor, whose account only the manager may link."""

    message = _("This is the number of a doctor. Ask the manager of the site to link your account in the team.")


class AccountFromElsewhere(TeamError):
    """The account has no role at the site."""

    message = _("This account has no role at this site. Invite its owner among the staff of the site first.")


class WorkerEnded(TeamError):
    """The row was ended or replaced before, perhaps in another window."""

    message = _("This row was changed or ended meanwhile. Look at the list and change the row that stands there now.")


class StationExists(TeamError):
    """The site has a station of this name."""

    message = _("This site already has a station of this name. Choose another name.")


class StationInUse(TeamError):
    """A vial is open at the station."""

    message = _("A vial is open at this station. End it or put it aside first, then close the station.")


class StationClosedAlready(TeamError):
    """The station was closed before."""

    message = _("This station is closed already.")
