"""What people type, paste and scan is made plain once."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from crs.typed import EmailField, PlainField, email, lines, number, ordinary, plain, unnamed, without_marks
from crs.typed_numbers import WholeNumberField


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("  Jana \u00a0 Nováková ", "Jana Nováková"),
        ("Jana\u200b\ufeff Nov\u00e1kov\u00e1\u00ad", "Jana Nováková"),
        ("Nova\u0301kova\u0301", "Nováková"),
        ("Nova\u200d\u0301k", "Novák"),
        ("a\tb\r\nc\x00", "a b c"),
        ("\u202eJana\u202c", "Jana"),
        # Marks and letters to Unicode, and nothing to a reader.
        ("Ja\u034fna\ufe0f No\u115fv\u1160ák\U000e0101\u17b4\u180b", "Jana Novák"),
        ("Jan\u3164Novák\uffa0\u2800", "Jan Novák"),
        ("", ""),
    ],
)
def test_text_has_composed_letters_single_spaces_and_nothing_invisible(text: str, read: str) -> None:
    assert plain(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("385512/123", "385512123"),
        ("602 00", "60200"),
        ("100\u00a0000\u00a0014", "100000014"),
        ("12\u201134\u201356\u221278.90", "1234567890"),
        ("\uff11\uff12\uff13", "123"),
        ("+ěščřžýáíé", "1234567890"),
        ("ĚŠČŘŽÝÁÍÉ", "234567890"),
        ("šářř+ě-+ěš", "385512123"),
        # What is not wholly of the Czech row was meant as it stands.
        ("+420601", "+420601"),
        ("ě1", "ě1"),
        ("FE 123 456", "FE123456"),
        ("1234_5678", "12345678"),
        ("1234'5678", "12345678"),
        ("1234\u20075678.", "12345678"),
        ("12\u316434\ufe0f56\u115f", "123456"),
        ("«1234» ~ ‹56›", "123456"),
        ("1\ufe0f\u20e32\ufe0f\u20e3", "12"),
        ("٣٨٥٥", "3855"),
        ("३८", "38"),
        # A mark at a number is none of its digits.
        ("1234³", "1234³"),
    ],
)
def test_a_number_loses_its_separators_and_a_czech_keyboard_its_signs(text: str, read: str) -> None:
    assert number(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *(
            ("PIN: 123456", "123456"),
            ("pin 123 456", "123456"),
            ("(123456)", "123456"),
            ("PIN č. 123456", "123456"),
            ("[123 456]", "123456"),
        ),
        *(("Můj PIN: 123456", "MůjPIN123456"), ("12O456", "12O456"), ("123456 PIN", "123456PIN"), ("", "")),
    ],
)
def test_a_number_loses_its_name_before_it_and_nothing_else_is_guessed_away(text: str, read: str) -> None:
    assert unnamed(text, "pin", "č") == read


@given(st.text(max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert not any(unicodedata.category(character) in ("Cf", "Cc", "Cs", "Co") for character in once)


# What people and programs put around and between what they mean, beside any other sign.
_PASTED = st.text(
    st.sampled_from("aB1٣ě+(0)<>@.,;:'/-_–\u200b\u202d\u00a0\u0301³①ﬁ＠mailto:") | st.characters(), max_size=60
)


def test_a_scan_keeps_its_control_signs_and_loses_what_nobody_sees() -> None:
    assert without_marks("01\x1d\u200b10A\ufe0fB\u034f") == "01\x1d10AB"


@given(_PASTED)
@example("mailto:mailto:a@b.cz")
@example("'<a@b.cz>'")
def test_what_was_cleaned_is_clean_and_never_longer_than_its_letters(text: str) -> None:
    for clean in (plain, ordinary, lines, number, email):
        once = clean(text)
        assert clean(once) == once
        assert len(once) <= len(unicodedata.normalize("NFKD", text))


@given(st.text(max_size=80))
def test_a_number_that_was_read_is_read_alike_again(text: str) -> None:
    once = number(text)
    assert number(once) == once


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("12", 12),
        (" 1\u00a0200\u200b", 1200),
        ("\uff11\uff12", 12),
        ("ěš", 23),
        ("50 %", 50),
        ("15min", 15),
        ("", None),
        *((typed, "refused") for typed in ("-3", "+3", "1.5", "1,5", "1-5", "1 5", "5 lidí", "2001", "4", "9" * 5000)),
    ],
)
def test_a_whole_number_is_read_as_people_write_it_and_nothing_in_it_is_guessed_away(typed: str, meant: object) -> None:
    field = WholeNumberField(lowest=5, highest=2000, units=("%", "min"), required=False)
    if meant == "refused":
        with pytest.raises(ValidationError):
            field.clean(typed)
    else:
        assert field.clean(typed) == meant


def test_lines_stay_apart_and_empty_ones_between_them_too() -> None:
    assert lines("\n Jana\u200b \r\n\r\n  omdlela. \x00\n") == "Jana\n\nomdlela."


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "jana@seznam.cz\u200b",
            "\u202djana@seznam.cz\u202c",
            "jana@seznam.cz.",
            "jana@seznam.cz,",
            "<jana@seznam.cz>",
        ),
        *(
            "mailto:jana@seznam.cz?subject=Dotaz",
            "Jana Nováková <jana@seznam.cz>;",
            "mail jana @seznam.cz",
            "'jana@seznam.cz'",
            "jana @ seznam. cz",
        ),
        *("E-mail: jana@seznam.cz", "ｊａｎａ＠seznam.cz", "jana\u00ad@seznam.cz"),
        *("E-mail jana@seznam.cz", "«jana@seznam.cz»", "jana@seznam.cz/", "jana@seznam。cz"),
        "jana@seznam.cz\ufe0f\u3164",
    ],
)
def test_an_address_loses_what_was_copied_with_it(typed: str) -> None:
    assert EmailField().clean(typed) == "jana@seznam.cz"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("jana–nova@obec–nova.cz", "jana-nova@obec-nova.cz"),
        ("jana\u2011nova@seznam.cz", "jana-nova@seznam.cz"),
        ("o’brien@example.org", "o'brien@example.org"),
    ],
)
def test_signs_that_a_telephone_put_there_are_those_of_a_keyboard(typed: str, meant: str) -> None:
    assert EmailField().clean(typed) == meant


def test_an_address_may_begin_as_its_name_does() -> None:
    assert EmailField().clean("e-mail @firma.cz") == "e-mail@firma.cz"


@pytest.mark.parametrize(
    "address", ["jana@háčky.cz", "jana@пошта.укр", "o'brien@example.org", "jana+kurz@seznam.cz", "info@col·legi.cat"]
)
def test_an_address_that_can_be_is_taken(address: str) -> None:
    assert EmailField().clean(address) == address


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("jána@seznam.cz", "letter á"),
        ("jаna@seznam.cz", "letter а"),
        ("пошта@пошта.укр", "letter п"),
        ("jana@seznаm.cz", "letter а after @"),
        ("jana@gmαil.com", "letter α after @"),
    ],
)
def test_a_letter_that_cannot_be_in_an_address_is_named(typed: str, says: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError, match=says):
        EmailField(error_messages={"invalid": "no"}).clean(typed)


@pytest.mark.parametrize(
    "typed",
    ["jana novak@seznam.cz", "jana@", "jana@seznam", "jana@seznam,cz", "a@b..cz", "jana@seznam.cz☺", "a@☺.cz"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="no"):
        EmailField(error_messages={"invalid": "no"}).clean(typed)


def test_what_is_far_too_long_is_refused_before_it_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    field = PlainField(max_length=80)
    assert field.clean("\u202d" + "á" * 80 + "\u202c") == "á" * 80
    monkeypatch.setattr(field, "cleaned", pytest.fail)
    for one in (field, EmailField(), PlainField()):
        with pytest.raises(ValidationError):
            one.clean("á" * 1_000_000)
