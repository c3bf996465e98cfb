"""Likely typing mistakes in e-mail addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.people.email_hint import KNOWN_DOMAINS, suggestion


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("marie@seznma.cz", "marie@seznam.cz"),
        ("marie@Senzam.cz", "marie@seznam.cz"),
        ("marie@seznam.czz", "marie@seznam.cz"),
        ("karel@gmial.com", "karel@gmail.com"),
        ("karel@gmail.cz", "karel@gmail.com"),
        ("jana@centrun.cz", "jana@centrum.cz"),
    ],
)
def test_a_mistyped_provider_is_noticed(typed: str, meant: str) -> None:
    assert suggestion(typed) == meant


@pytest.mark.parametrize("domain", [*KNOWN_DOMAINS, "gmx.com", "nemocnice-brno.cz", "obec-lhota.cz", "post.sk"])
def test_a_right_address_is_left_alone(domain: str) -> None:
    assert suggestion(f"marie@{domain}") is None


@given(st.text(max_size=40))
def test_no_text_crashes_it(typed: str) -> None:
    suggestion(typed)
