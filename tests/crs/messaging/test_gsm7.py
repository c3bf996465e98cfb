"""SMS in plain GSM-7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs.messaging import gsm7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "Prilis zlutoucky kun upel dabelske ody"),
        ("ŘÍJEN – „Očkování“…", 'RIJEN - "Ockovani"...'),
        ("Váš\u00a0PIN je 123456", "Vas PIN je 123456"),
        ("Müller, Świątek, Đorđe, Łukasz, Strauß", "Muller, Swiatek, Dorde, Lukasz, Strauss"),
        ("100 € [a] `b`", "100 € [a] 'b'"),
        ("−70 °C", "-70  st.C"),
        ("a\u200bb\ufeffc\x00d\r\ne", "abcd\ne"),
        ("Юрій 🙂", "???? ?"),
    ],
)
def test_what_czech_phones_show_everywhere(text: str, expected: str) -> None:
    assert gsm7.plain(text) == expected


@given(st.text())
def test_any_text_becomes_gsm7_and_stays_as_it_is(text: str) -> None:
    plain = gsm7.plain(text)
    assert gsm7.septets(plain) >= len(plain)
    assert gsm7.plain(plain) == plain


@given(st.text(alphabet=[*"abc €{", "\n"], max_size=800))
def test_parts_hold_all_septets_and_none_is_spare(text: str) -> None:
    parts, septets = gsm7.parts(text), gsm7.septets(text)
    if parts == 1:
        assert septets <= 160
    else:
        # an extended character that does not fit at the end of a part leaves one septet empty
        assert 152 * (parts - 1) < septets <= 153 * parts


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)])
def test_a_longer_text_takes_more_parts(length: int, parts: int) -> None:
    assert gsm7.parts("a" * length) == parts


def test_an_extended_character_takes_two_places() -> None:
    assert gsm7.parts("€" * 80) == 1
    assert gsm7.parts("€" * 80 + "a") == 2


def test_counting_refuses_what_is_not_gsm7() -> None:
    with pytest.raises(ValueError, match="ř"):
        gsm7.parts("ř")
