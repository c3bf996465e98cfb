"""Keyed hashes find a secret and give nothing away."""

from django.test import override_settings

from crs.keyed_hash import keyed_hash


def test_the_same_text_under_another_purpose_has_another_hash() -> None:
    assert keyed_hash("pin", "+420601234567", "123456") != keyed_hash("pin2", "+420601234567", "123456")


def test_parts_do_not_run_together() -> None:
    assert keyed_hash("pin", "12", "3") != keyed_hash("pin", "1", "23")


def test_another_key_gives_another_hash() -> None:
    before = keyed_hash("pin", "123456")
    with override_settings(LOOKUP_KEY="another"):
        assert keyed_hash("pin", "123456") != before
