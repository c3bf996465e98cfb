"""Which of dated rules is valid on a day."""

from datetime import date

import pytest
from django.db import IntegrityError

from logistics.models import DoseInterval, DoseRule, Vaccine

pytestmark = pytest.mark.django_db


def test_of_each_vaccine_the_newest_rule_that_has_begun_is_valid() -> None:
    DoseInterval.objects.all().delete()
    for vaccine, begin in (("comirnaty", 1), ("comirnaty", 10), ("comirnaty", 20), ("spikevax", 5), ("vaxzevria", 30)):
        found, _ = Vaccine.objects.get_or_create(code=vaccine)
        found.intervals.create(valid_from=date(2027, 1, begin), min_days=begin, ideal_days=begin, max_days=begin)

    def valid_on(day: int) -> list[tuple[str, int]]:
        return list(DoseInterval.objects.valid_on(date(2027, 1, day)).values_list("vaccine_id", "min_days"))

    assert valid_on(9) == [("comirnaty", 1), ("spikevax", 5)]
    assert valid_on(10) == [("comirnaty", 10), ("spikevax", 5)]
    assert valid_on(31) == [("comirnaty", 20), ("spikevax", 5), ("vaxzevria", 30)]


def test_a_later_dose_without_days_after_the_one_before_is_refused() -> None:
    with pytest.raises(IntegrityError, match="dose_rule_has_its_days"):
        DoseRule.objects.create(vaccine_id="comirnaty", dose_number=4, valid_from=date(2027, 1, 1), youngest_age=12)
