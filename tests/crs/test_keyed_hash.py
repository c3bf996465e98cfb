"""Keyed hashes find a secret and give nothing away."""

import pytest

from crs.keyed_hash import keyed_hash


def test_the_same_text_under_another_purpose_has_another_hash() -> None:
    assert keyed_hash("pin", "+420601234567", "123456") != keyed_hash("pin2", "+420601234567", "123456")


def test_parts_do_not_run_together() -> None:
    assert keyed_hash("pin", "12", "3") != keyed_hash("pin", "1", "23")


def test_another_key_gives_another_hash(settings: pytest.FixtureRequest) -> None:
    before = keyed_hash("pin", "123456")
    settings.LOOKUP_KEY = "another"  # type: ignore[attr-defined]
    assert keyed_hash("pin", "123456") != before
