"""What a person reads of a time that cannot stay: in the PDF, the calendar file and on their own pages."""

from django.utils.translation import gettext as _

from reservation.models import AffectedAppointment

Cause = AffectedAppointment.Cause


def why(cause: str, closure_reason: str) -> str:
    """Why the time will not hold, a sentence."""
    if cause == Cause.CLOSURE:
        return _("This time will not hold: the vaccination site will be closed (%(reason)s).") % {
            "reason": closure_reason
        }
    if cause == Cause.HOURS:
        return _("This time will not hold: the vaccination site is changing its opening hours.")
    if cause == Cause.INTERVAL:
        return _("This time will not hold: the interval between the doses has changed.")
    return _("This time will not hold: after an illness the dose has to wait.")


def what_to_do() -> str:
    """What the person does now, whatever the cause."""
    return _("Please do not come then. We will find another time for you and let you know.")
