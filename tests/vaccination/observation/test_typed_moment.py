"""Day and time as tired people type them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, PRAGUE
from vaccination.observation.forms import written
from vaccination.observation.typed_moment import parse_moment


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("11. 1. 2027 8:15", (2027, 1, 11, 8, 15)),
        ("11.1.2027 08.15", (2027, 1, 11, 8, 15)),
        ("2027-01-11T08:15", (2027, 1, 11, 8, 15)),
        ("11/1/2027 8:15 h", (2027, 1, 11, 8, 15)),
        ("10.1. 20:00", (2027, 1, 10, 20, 0)),
        ("31. 12. 7:05", (2026, 12, 31, 7, 5)),
        ("8:15", (2027, 1, 11, 8, 15)),
        ("8.15", (2027, 1, 11, 8, 15)),
        ("8 h", (2027, 1, 11, 8, 0)),
        ("\u200b11.1.2027\u00a08:15\u2060", (2027, 1, 11, 8, 15)),
        ("++.+.ě0ěý á:+ř", (2027, 1, 11, 8, 15)),  # the Czech layout without Shift
        ("29. 2. 9:00", (2024, 2, 29, 9, 0)),
    ],
)
def test_it_is_read_as_it_is_meant(typed: str, meant: tuple[int, int, int, int, int]) -> None:
    assert parse_moment(typed, now=NOW) == datetime(*meant, tzinfo=PRAGUE)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "8",
        "11. 1. 2027",
        "31. 2. 2027 9:00",
        "25:00",
        "8:60",
        "11.1.27 9:15",
        "včera 8:00",
        "28. 3. 2027 2:30",
        "0.0. 9:00",
    ],
)
def test_what_has_no_one_meaning_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (nobody reads its text)
        parse_moment(typed + " ", now=NOW)


@given(st.integers(int(datetime(2020, 12, 27, tzinfo=PRAGUE).timestamp()) // 60, int(NOW.timestamp()) // 60))
def test_what_a_page_shows_is_read_back(minute: int) -> None:
    moment = datetime.fromtimestamp(minute * 60, PRAGUE).replace(fold=0)
    assert parse_moment(written(moment), now=NOW) == moment
