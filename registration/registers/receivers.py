"""What the registers have to know of other subjects."""

from datetime import datetime
from typing import Any

from registration.models import Registration
from registration.registers import checking


def check_again(registration_id: int, now: datetime, **_: Any) -> None:
    """Have a registration that was opened again checked: its checks ended with it."""
    registration = Registration.objects.select_related("person").get(pk=registration_id)
    checking.want_all(registration=registration, now=now)
