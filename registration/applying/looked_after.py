"""The people whom one telephone has registered: 'people I look after'."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from registration import number
from registration.applying import statements
from registration.models import LineRequest, Registration, RegistrationClaim

_STATES: dict[str, str | Promise] = {
    Registration.State.ACTIVE: pgettext_lazy("registration", "registered; we will write to you when it is their turn"),
    Registration.State.COMPLETED: pgettext_lazy("registration", "vaccinated: all doses were given"),
    Registration.State.CANCELLED: pgettext_lazy("registration", "the registration was ended"),
}
_BETWEEN_DOSES = pgettext_lazy("registration", "vaccinated in part: the next dose is still to come")
_AT_THE_LINE = pgettext_lazy("registration", "waiting for a call from line 1221")


@dataclass(frozen=True)
class RegistrationSummary:
    """One line of what a telephone has registered."""

    number: str
    name: str
    state: str | Promise
    created_at: datetime
    is_request: bool = False

    @property
    def grouped_number(self) -> str:
        """The number as it is easiest to read."""
        return number.grouped(self.number)


def registered_by(phone: str) -> list[RegistrationSummary]:
    """The registrations of `phone`, the newest first; a claim looks like any other registration."""
    entries = [
        RegistrationSummary(one.number, str(one.person), _state(one), one.created_at)
        for one in Registration.objects.filter(phone=phone).select_related("person")
    ]
    for claim in RegistrationClaim.objects.filter(phone=phone, resolved_at=None):
        state = _STATES[Registration.State.ACTIVE]
        entries.append(RegistrationSummary(claim.number, statements.name_in(claim.typed), state, claim.created_at))
    for asked in LineRequest.objects.filter(phone=phone, resolved_at=None):
        name = statements.name_in(asked.typed)
        entries.append(RegistrationSummary(asked.number, name, _AT_THE_LINE, asked.created_at, is_request=True))
    return sorted(entries, key=lambda entry: entry.created_at, reverse=True)


def is_any(phone: str) -> bool:
    """Whether `phone` has registered anybody: one query."""
    registered = Registration.objects.filter(phone=phone).order_by().values("number")
    claimed = RegistrationClaim.objects.filter(phone=phone, resolved_at=None).values("number")
    asked = LineRequest.objects.filter(phone=phone, resolved_at=None).order_by().values("number")
    return registered.union(claimed, asked, all=True).exists()


def _state(registration: Registration) -> str | Promise:
    if registration.state == Registration.State.ACTIVE and registration.doses_received:
        return _BETWEEN_DOSES
    return _STATES[registration.state]
