"""How far a person has come: the doses that they received, and whether these are all."""

from crs.plain_sql import execute
from registration.models import Registration

# The WHERE clause is the check: who keeps what stands there already writes no history.
_KEEP = """
UPDATE registration_registration SET state = %(state)s, doses_received = %(received)s
WHERE id = %(registration)s AND state <> %(cancelled)s AND (state, doses_received) <> (%(state)s, %(received)s)
"""


def keep(*, registration_id: int, received: int, is_complete: bool) -> bool:
    """Keep the number of doses received and the state that follows; whether anything changed.

    Runs in the transaction and under the `history.recording` of whoever records, corrects or annuls a dose, with the
    person's row locked, so that two doses of one person are counted one after the other. A cancelled registration
    keeps its state and its number.
    """
    state = Registration.State.COMPLETED if is_complete else Registration.State.ACTIVE
    told = {"registration": registration_id, "state": state.value, "received": received}
    return execute(_KEEP, {**told, "cancelled": Registration.State.CANCELLED.value}) == 1
