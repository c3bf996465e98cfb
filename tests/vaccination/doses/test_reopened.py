"""A registration that is opened again has the course that its doses make."""

from datetime import timedelta

import pytest

from registration.applying import ending
from registration.models import Registration
from tests.factories import NOW, make_account, make_dose_elsewhere, make_registration


@pytest.mark.django_db
@pytest.mark.parametrize(("doses", "state"), [(0, "ACTIVE"), (1, "ACTIVE"), (2, "COMPLETED")])
def test_doses_that_became_known_meanwhile_are_counted(doses: int, state: str) -> None:
    jana = make_registration()
    operator = make_account("linka")
    ending.end(registration=jana, ending=Registration.Ending.STAFF, by=operator, now=NOW)
    for number in range(1, doses + 1):
        make_dose_elsewhere(jana, number=number, given_at=NOW - timedelta(days=100 - 21 * number))
    back = ending.reopen(registration=jana, by=operator, now=NOW)
    assert (back.state, back.doses_received) == (state, doses)
