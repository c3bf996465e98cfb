"""Identity documents of people without a Czech insured number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs.states import state_name, states
from registration.people.errors import DocumentNumberHasOtherSigns, DocumentNumberIsNone, InvalidDocument, UnknownState
from registration.people.identity_document import IdentityDocument, clean_number, masked, parse

PASSPORT = IdentityDocument("PASSPORT", "UA", "FE123456")


@pytest.mark.parametrize(
    "typed",
    [
        "FE123456",
        "fe 123 456",
        "FE-123456",
        "FE\u00a0123\u200b456",
        "FE123456<<<",
        "\uff26\uff25123456",
        " FE/123456 ",
        "FE12٣456",
    ],
)
def test_a_number_is_one_however_it_was_typed_pasted_or_scanned(typed: str) -> None:
    assert parse(document_type="PASSPORT", country="UA", number=typed) == PASSPORT
    assert clean_number(typed) == "FE123456"


def test_a_scanner_under_a_czech_keyboard_types_the_signs_of_the_row_of_digits() -> None:
    assert clean_number("+ěščřžýáíé") == "1234567890"


@pytest.mark.parametrize("typed", ["АБ123456", "FE12*456", "STRAßE1", "12³456"])
def test_other_signs_are_refused_with_the_place_where_to_read(typed: str) -> None:
    with pytest.raises(DocumentNumberHasOtherSigns):
        clean_number(typed)


@pytest.mark.parametrize("typed", ["", "A1", "PASSPORT", "1" * 21])
def test_what_is_no_number_of_a_document_is_refused(typed: str) -> None:
    with pytest.raises(DocumentNumberIsNone):
        clean_number(typed)


def test_type_state_and_number_all_belong_to_the_hash() -> None:
    others = [("ID_CARD", "UA", "FE123456"), ("PASSPORT", "MD", "FE123456"), ("PASSPORT", "UA", "FE123457")]
    hashes = {IdentityDocument(*other).lookup_hash for other in others}
    assert len(hashes | {PASSPORT.lookup_hash}) == 4
    assert "FE123456" not in PASSPORT.lookup_hash


@pytest.mark.parametrize("country", ["", "XX", "EU", "ZZ", "ua", "UKR", "001"])
def test_a_state_is_a_code_of_iso_3166(country: str) -> None:
    with pytest.raises(UnknownState):
        parse(document_type="PASSPORT", country=country, number="FE123456")


def test_states_stand_in_the_order_of_the_alphabet_in_both_languages() -> None:
    czech, english = [name for _code, name in states("cs")], [name for _code, name in states("en")]
    assert state_name("UA", "cs") == "Ukrajina"
    assert state_name("SK", "en") == "Slovakia"
    assert len(czech) == len(english) > 240
    assert czech.index("Česko") > czech.index("Cookovy ostrovy")
    assert czech.index("Chorvatsko") > czech.index("Honduras")
    assert czech.index("Švýcarsko") > czech.index("Sýrie")


def test_ukrainians_and_vietnamese_find_states_in_their_own_order() -> None:
    ukrainian, vietnamese = [name for _code, name in states("uk")], [name for _code, name in states("vi")]
    assert (state_name("UA", "uk"), state_name("VN", "vi")) == ("Україна", "Việt Nam")
    assert ukrainian.index("Гаїті") < ukrainian.index("Естонія") < ukrainian.index("Ємен") < ukrainian.index("Замбія")
    assert ukrainian.index("Ізраїль") < ukrainian.index("Канада") < ukrainian.index("Чехія")
    assert vietnamese.index("Canada") < vietnamese.index("Đan Mạch") < vietnamese.index("Hoa Kỳ")


def test_a_masked_number_shows_its_end() -> None:
    assert masked("FE123456") == "•••••456"


@given(st.text(max_size=60))
def test_whatever_is_typed_becomes_one_clean_number_or_is_refused(typed: str) -> None:
    try:
        number = clean_number(typed)
    except InvalidDocument:
        return
    assert re.fullmatch("[A-Z0-9]{4,20}", number)
    assert clean_number(number) == clean_number(" ".join(number)) == number
