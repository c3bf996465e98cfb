"""How far a person has come: the doses that they received, and whether these are all."""

from dataclasses import dataclass
from datetime import date

from crs.plain_sql import execute
from registration.models import Registration

# The WHERE clause is the check: who keeps what stands there already writes no history.
_KEEP = """
UPDATE registration_registration SET state = %(state)s, doses_received = %(received)s, last_dose_on = %(last_on)s,
    last_vaccine_id = %(last)s, first_vaccine_id = %(first)s
WHERE id = %(registration)s AND state <> %(cancelled)s
  AND (state, doses_received, last_dose_on, last_vaccine_id, first_vaccine_id)
      IS DISTINCT FROM (%(state)s, %(received)s, %(last_on)s::date, %(last)s, %(first)s)
"""


@dataclass(frozen=True)
class Received:
    """The valid doses of a person: how many, and the day and the vaccines by which the next one is offered."""

    doses: int = 0
    last_on: date | None = None
    last_vaccine: str | None = None
    first_vaccine: str | None = None


def keep(*, registration_id: int, received: Received, is_complete: bool) -> bool:
    """Keep which doses were received and the state that follows; whether anything changed.

    Runs in the transaction and under the `history.recording` of whoever records, corrects or annuls a dose, with the
    person's row locked, so that two doses of one person are counted one after the other. A cancelled registration
    keeps what stands there.
    """
    state = Registration.State.COMPLETED if is_complete else Registration.State.ACTIVE
    told = {"registration": registration_id, "state": state.value, "received": received.doses}
    told |= {"last_on": received.last_on, "last": received.last_vaccine, "first": received.first_vaccine}
    return execute(_KEEP, {**told, "cancelled": Registration.State.CANCELLED.value}) == 1
