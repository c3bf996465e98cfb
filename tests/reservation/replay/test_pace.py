"""The pace of a replay: what the first and the last tenth took."""

import pytest

from reservation.replay import pace


def test_the_last_tenth_is_measured_against_the_first_even_where_few_portions_were_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((0.0, 1.0, 2.0, 4.0, 13.0))
    monkeypatch.setattr("reservation.replay.pace.monotonic", lambda: next(clock))
    measured = pace.Pace()
    for people, cpu in ((40, 0.5), (40, 0.5), (40, 1.0), (0, 0.1)):  # the last one is a fold
        measured.note(people=people, cpu=cpu)
    assert measured.first_tenth == pytest.approx((40, 80))
    assert measured.last_tenth == pytest.approx((20, 40))
    assert measured.whole == pytest.approx((30, 60))
