"""The dated rules of DOMAIN 10.6, as they hold for one dose of a person."""

from datetime import date, datetime, time

import pytest

from logistics.models import Vaccine
from tests.factories import PRAGUE
from vaccination.doses.limits import Limits, limits
from vaccination.models import Dose

pytestmark = pytest.mark.django_db

DAY = date(2021, 1, 1)


def rule(vaccine: str, day: date, *before: str) -> Limits:
    """The limits of the next dose on `day` after doses of the vaccines `before`."""
    rows = {row.pk: row for row in Vaccine.objects.all()}
    given_at = datetime.combine(DAY, time(9), PRAGUE)
    history = [Dose(number=n, vaccine=rows[code], given_at=given_at) for n, code in enumerate(before, start=1)]
    return limits(vaccine=rows[vaccine], number=len(history) + 1, history=history, day=day)


def ages(vaccine: str, day: date) -> int:
    return rule(vaccine, day).youngest_age


def days(vaccine: str, day: date, *before: str) -> tuple[int | None, int | None, int | None]:
    found = rule(vaccine, day, *before)
    return found.hard_days, found.min_days, found.max_days


def test_the_lowest_age_falls_on_its_day() -> None:
    assert [ages("comirnaty", day) for day in (date(2021, 6, 30), date(2021, 7, 1))] == [16, 12]
    assert [ages("spikevax", day) for day in (date(2021, 7, 22), date(2021, 7, 23))] == [18, 12]
    assert ages("vaxzevria", date(2021, 7, 1)) == 18


def test_each_second_dose_has_its_days() -> None:
    day = date(2021, 5, 1)
    assert days("comirnaty", day, "comirnaty") == (15, 19, 42)
    assert days("spikevax", day, "spikevax") == (21, 25, 42)
    assert days("vaxzevria", day, "vaxzevria") == (24, 28, 91)
    assert days("janssen", day, "janssen") == (28, 28, None)


def test_boosters_come_by_and_by_earlier_and_after_any_vaccine() -> None:
    two = ("vaxzevria", "vaxzevria")
    asked = (date(2021, 9, 19), date(2021, 9, 20), date(2021, 10, 1), date(2021, 12, 13))
    assert [days("comirnaty", day, *two) for day in asked] == [
        (28, 28, None),
        (28, 243, None),
        (28, 183, None),
        (28, 152, None),
    ]
    assert [rule("comirnaty", day, *two).is_offered for day in asked[:2]] == [False, True]
    found = rule("comirnaty", asked[1], *two)
    assert found.may_follow_another


def test_after_the_one_dose_of_janssen_a_booster_comes_in_two_months() -> None:
    day = date(2021, 11, 1)
    assert days("comirnaty", day, "janssen") == (28, 61, None)
    assert days("janssen", day, "janssen") == (28, 61, None)
    found = rule("comirnaty", day, "janssen")
    assert found.may_follow_another
    assert found.youngest_age == 18
    assert days("comirnaty", date(2022, 8, 1), "janssen", "comirnaty") == (28, 122, None)


def test_a_dose_without_a_rule_keeps_the_lowest_age_of_its_vaccine_and_four_weeks_after_a_series() -> None:
    found = rule("vaxzevria", date(2022, 8, 1), "comirnaty", "comirnaty")
    assert not found.is_offered
    assert (found.youngest_age, found.hard_days, found.min_days) == (18, 28, 28)
    before_any_rule = rule("comirnaty", date(2020, 1, 1), "comirnaty")
    assert not before_any_rule.is_offered
    assert before_any_rule.hard_days == 15
