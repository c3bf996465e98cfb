"""Why something about an affected appointment is refused."""

from django.utils.translation import gettext_lazy as _

from crs.errors import DomainError


class AffectedSettled(DomainError):
    """The appointment has moved, was kept, or is booked no more."""

    message = _("This person has another time by now, or comes as booked. Nothing more is to be done.")
    way_back = "reservation:call_lists"
