"""Between which days a dose may be re-planned."""

from datetime import date, timedelta
from uuid import uuid4

from reservation.replanning.people import Dose, Person, window

DAY = date(2027, 2, 1)


def test_a_later_dose_stays_after_the_one_before_where_no_rule_says_when() -> None:
    dose = Dose(2, 2, True, 7, uuid4(), "comirnaty", DAY, 600, None, False, 12)
    person = Person(uuid4(), 1, date(1940, 1, 1), None, None, (), (dose,))
    found = window(person, dose, before=DAY + timedelta(days=9), not_before=DAY)
    assert (found.earliest, found.wanted) == (DAY + timedelta(days=10),) * 2
    assert window(person, dose, before=None, not_before=DAY).wanted == DAY
