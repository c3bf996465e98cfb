"""Why something about a re-planning is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class ReplanMovedOn(DomainError):
    """Somebody published, discarded or undid it meanwhile."""

    message = _("This re-planning has moved on meanwhile. Look at how it stands now.")
    way_back = "reservation:replans"


class MoveSettled(DomainError):
    """The time that a re-planning gave has been changed or undone since."""

    message = _("This time has changed meanwhile. Here you see how it stands now.")
