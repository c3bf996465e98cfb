"""A limit of the settings is read in one way, and found before the first person if it is none."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from crs import checks
from crs.rates import Rate, rate, rates

MINUTE = timedelta(minutes=1)
NO_RATES = ["", "5", "5/", "0/h", "5/w", "5/25h", "2/2d", "5/h;6/d", "60/h or so", f"5/{'9' * 20}d"]


@pytest.mark.parametrize(("text", "count", "minutes"), [("60/h", 60, 60), ("5/15m", 5, 15), ("1/d", 1, 1440)])
def test_a_rate_is_read_as_the_settings_write_it(text: str, count: int, minutes: int) -> None:
    assert rate(text) == Rate(count, minutes * MINUTE)
    assert rates(f"{text}, 7/s") == [Rate(count, minutes * MINUTE), Rate(7, MINUTE / 60)]


@pytest.mark.parametrize("name", [*checks.ONE_RATE, *checks.SEVERAL_RATES])
def test_a_setting_that_is_no_rate_is_found_before_the_first_citizen(settings: Settings, name: str) -> None:
    assert not checks.limits()
    for text in NO_RATES:
        setattr(settings, name, text)
        assert [found.id for found in checks.limits()] == ["crs.E162"], text


@pytest.mark.parametrize("name", checks.ONE_RATE)
def test_several_rates_are_found_where_one_is_read(settings: Settings, name: str) -> None:
    setattr(settings, name, "5/15m,10/d")
    assert [found.id for found in checks.limits()] == ["crs.E162"]
