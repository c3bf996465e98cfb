"""Times that cannot stay, as their people and the desk read of them."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from reservation.models import AffectedAppointment, Appointment

Cause = AffectedAppointment.Cause


def unsettled() -> QuerySet[AffectedAppointment]:
    """The appointments whose times cannot stay, each with the closure where it is one; an appointment has one row."""
    return AffectedAppointment.objects.unsettled().select_related("closure")


def prefetch() -> Prefetch[str]:
    """For a queryset of appointments: what `of` reads; one query."""
    return Prefetch("affected", unsettled(), to_attr="unsettled")


def of(appointment: Appointment) -> AffectedAppointment | None:
    """Why the time cannot stay; None where it can. The appointment comes from a queryset with `prefetch`."""
    unsettled: list[AffectedAppointment] = appointment.unsettled  # type: ignore[attr-defined]
    return unsettled[0] if unsettled else None


def reason_of(affected: AffectedAppointment) -> str:
    """What the site wrote as the reason of its closure; "" where it is no closure."""
    return affected.closure.reason if affected.closure else ""


def cause(affected: AffectedAppointment) -> str:
    """The cause in a few words for staff, with what the site wrote of its closure."""
    return ", ".join(filter(None, [affected.get_cause_display(), reason_of(affected)]))


def why(cause: str, closure_reason: str) -> str:
    """Why the time will not hold, a sentence for the person."""
    if cause == Cause.CLOSURE:
        return _("This time will not hold: the vaccination site will be closed (%(reason)s).") % {
            "reason": closure_reason
        }
    if cause == Cause.HOURS:
        return _("This time will not hold: the vaccination site is changing its opening hours.")
    if cause == Cause.INTERVAL:
        return _("This time will not hold: the interval between the doses has changed.")
    if cause == Cause.MOVED:
        return _("This time will not hold: the dose before it was moved.")
    return _("This time will not hold: after an illness the dose has to wait.")


def what_to_do() -> str:
    """What the person does now, whatever the cause."""
    return _("Please do not come then. We will find another time for you and let you know.")
