"""How far a person has come: the doses that they received, and whether these are all."""

from registration.models import Registration


def keep(*, registration_id: int, received: int, is_complete: bool) -> bool:
    """Keep the number of doses received and the state that follows; whether anything changed.

    Runs in the transaction and under the `history.recording` of whoever records, corrects or annuls a dose, with the
    person's row locked, so that two doses of one person are counted one after the other. A cancelled registration
    keeps its state and its number.
    """
    state = Registration.State.COMPLETED if is_complete else Registration.State.ACTIVE
    kept = Registration.objects.standing().filter(pk=registration_id)
    # The WHERE clause is the check: who keeps what stands there already writes no history.
    changed = kept.exclude(state=state, doses_received=received).update(state=state, doses_received=received)
    return changed == 1
