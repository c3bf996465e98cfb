"""Working days until a decision."""

from datetime import datetime

import pytest

from registration.registers.deadline import deadline
from tests.factories import PRAGUE


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        ("2027-01-11T09:00", "2027-01-14T16:00"),  # a Monday
        ("2027-01-15T23:59", "2027-01-20T16:00"),  # a Friday night
        ("2026-12-23T10:00", "2026-12-30T16:00"),  # Christmas: 24th to 26th, then a Sunday
        ("2027-03-25T10:00", "2027-04-01T16:00"),  # Good Friday and Easter Monday, and summer time
        ("2026-12-30T10:00", "2027-01-05T16:00"),  # into another year
    ],
)
def test_holidays_and_weekends_are_nobodys_working_days(opened: str, due: str) -> None:
    moment = datetime.fromisoformat(opened).replace(tzinfo=PRAGUE)
    assert deadline(moment) == datetime.fromisoformat(due).replace(tzinfo=PRAGUE)
