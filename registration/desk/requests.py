"""Requests to line 1221: what the portal could not finish, an operator does, and the person learns how it ended."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.staff import permissions
from registration.desk.errors import RequestIsResolved
from registration.models import LineRequest, Registration
from registration.people.short_name import short_name
from registration.people.statements import Statements
from registration.people.telling import Reach, tell
from registration.permissions import RegistrationAct


def waiting() -> QuerySet[LineRequest]:
    """Requests that nobody has resolved, the oldest first."""
    return LineRequest.objects.filter(resolved_at=None).order_by("created_at", "pk")


def count_for(user: User) -> int:
    """How many wait for the user; 0 for whoever does not answer them."""
    return waiting().count() if RegistrationAct.ANSWER_REQUESTS in permissions.acts_of(user) else 0


def resolve(
    *,
    request: LineRequest,
    outcome: LineRequest.Outcome,
    reason: str,
    by: User,
    now: datetime,
    form: Sending = NO_FORM,
) -> None:
    """End a request without a registration; the telephone that sent it is told. Raises RequestIsResolved."""

    def write() -> Outcome:
        close(request, outcome, reason=reason, by=by, now=now)
        context = {"number": request.number, "outcome": outcome.value}
        reach = Reach(request.language, str(request.phone), whom=short_name(Statements.of(request)))
        tell(reach, "registration/request_resolved", context)
        return {}

    sent_forms.once(form, write)


def close(
    request: LineRequest,
    outcome: LineRequest.Outcome,
    *,
    by: User,
    now: datetime,
    reason: str = "",
    registration: Registration | None = None,
) -> None:
    """Write the outcome, in the caller's transaction. Raises RequestIsResolved."""
    # The WHERE clause is the check: of two operators with one request the second waits here and finds no row.
    open_one = LineRequest.objects.filter(pk=request.pk, resolved_at=None)
    told = {"outcome": outcome, "reason": reason or None, "registration": registration}
    if not open_one.update(resolved_at=now, resolved_by=by, **told):
        raise RequestIsResolved
