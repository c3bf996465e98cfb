"""What the registers have to know of other subjects."""

from datetime import datetime
from typing import Any

from registration.models import Registration
from registration.registers import checking, voiding


def check_again(registration_id: int, now: datetime, **_: Any) -> None:
    """Have a registration that was opened again checked: its checks ended with it.

    What a register said of a disputed claim still stands: nobody has decided it, so it waits for staff again.
    """
    registration = Registration.objects.select_related("person").get(pk=registration_id)
    voiding.restore_disputes(registration=registration)
    checking.want_all(registration=registration, now=now)
