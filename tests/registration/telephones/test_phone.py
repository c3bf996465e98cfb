"""Telephone numbers as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from registration.telephones.errors import InvalidPhone, NoSmsThere, NoSmsToCountry, PhoneDoesNotExist, PhoneHasLetters
from registration.telephones.phone import parse, parse_for_sms, readable


@pytest.mark.parametrize(
    "typed",
    ["601234567", "601 234 567", " 601\u00a0234\u00a0567 ", "+420601234567", "+420 601 234 567", "00420601234567",
     "00420 601 234 567", "420601234567", "601-234-567", "(601) 234 567", "601.234.567", "６０１２３４５６７",
     "\u202a+420 601 234 567\u202c", "\ufeff601\u200b234\u00ad567", "\u202d+420601234567\u202c", "+420 (0)601 234 567",
     "00420 (0)601 234 567", "(+420) 601 234 567", "+420/601/234 567", "+420–601–234–567", "tel:+420601234567",
     "Tel.: 601 234 567", "601_234_567", "601'234'567", "601 234 567.", "+00420601234567", "＋٤٢٠٦٠١٢٣٤٥٦٧",
     "M: 601 234 567", "T +420 601 234 567", "Mob. 601234567", "tel. č.: 601 234 567",
     "Telefonní číslo: 601 234 567", "mobilní telefon 601234567", "GSM 601 234 567",
     "[+420] 601 234 567", "tel: 00420 (0)601 234 567", "601\u3164234\ufe0f567", "601~234~567"],
)  # fmt: skip
def test_one_czech_number_in_the_shapes_that_people_write(typed: str) -> None:
    assert parse(typed) == "+420601234567"


@pytest.mark.parametrize("typed", ["+421 905 123 456", "00421905123456", "+421 (0)905 123 456"])
def test_foreign_numbers_with_plus_or_two_zeros(typed: str) -> None:
    assert parse(typed) == "+421905123456"


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [
        ("", InvalidPhone),
        ("+", InvalidPhone),
        ("babička", PhoneHasLetters),
        ("601 ABC DEF", PhoneHasLetters),
        ("601234567 ext. 3", PhoneHasLetters),
        ("6O1 234 567", PhoneHasLetters),
        ("pan Novák 601 234 567", PhoneHasLetters),
        ("60123456", PhoneDoesNotExist),
        ("6012345678", PhoneDoesNotExist),
        ("999999999", PhoneDoesNotExist),
        ("0905123456", PhoneDoesNotExist),
        ("224 810 111", NoSmsThere),
        ("+420 543 210 987", NoSmsThere),
        ("800 123 456", NoSmsThere),
        ("900 123 456", NoSmsThere),
    ],
)
def test_each_mistake_has_its_own_words(typed: str, mistake: type[InvalidPhone]) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        parse(typed)
    assert type(refusal.value) is mistake


def test_whoever_has_a_landline_is_told_of_the_line_1221() -> None:
    assert "1221" in str(NoSmsThere.message)


@given(st.text(max_size=30))
def test_no_text_crashes_it(typed: str) -> None:
    try:
        assert parse(typed).startswith("+")
    except InvalidPhone:
        return


def test_a_page_shows_the_number_in_groups() -> None:
    assert readable("+420601234567") == "601\u00a0234\u00a0567"
    assert readable("+421905123456") == "+421\u00a0905\u00a0123\u00a0456"


NEIGHBOURS_AND_COMMUNITIES = [
    "+420601234567", "+421905123456", "+48501234567", "+4915112345678", "+436641234567", "+380501234567",
    "+84912345678", "+79161234567", "+359878123456", "+40712345678", "+36201234567", "+97688112233",
]  # fmt: skip
SHARED_CODES = {"+77011234567": "Kazakhstan beside Russia", "+447797123456": "Jersey beside Great Britain"}
SATELLITES = ["+881612345678", "+870773111632"]
# By phonenumbers each of them is a valid mobile number.
ELSEWHERE = [
    "+447400123456", "+12015550123", "+18762101234", "+8613123456789", "+923012345678", "+628123456789",
    "+2348021234567", "+994401234567", "+33612345678", "+375294911911", "+34612345678", "+393123456789",
    "+41781234567", "+919876543210", "+5511961234567", "+27711234567", "+212650123456", "+9647912345678",
]  # fmt: skip


@pytest.mark.parametrize("phone", NEIGHBOURS_AND_COMMUNITIES)
def test_neighbours_and_those_whose_citizens_live_here_get_an_sms(phone: str) -> None:
    assert parse_for_sms(phone) == phone


@pytest.mark.parametrize("phone", [*ELSEWHERE, *SATELLITES, *SHARED_CODES])
def test_no_other_country_and_no_satellite_gets_an_sms_though_the_number_is_one(phone: str) -> None:
    assert parse(phone) == phone
    with pytest.raises(NoSmsToCountry) as refusal:
        parse_for_sms(phone)
    assert "1221" in str(refusal.value)


@pytest.mark.parametrize(
    ("phone", "allowed"), [("+77011234567", "RU"), ("+447797123456", "GB"), ("+18762101234", "US")]
)
def test_a_country_is_not_allowed_because_another_one_has_its_code(
    settings: Settings, phone: str, allowed: str
) -> None:
    settings.SMS_COUNTRIES = [allowed]
    with pytest.raises(NoSmsToCountry):
        parse_for_sms(phone)


@pytest.mark.parametrize(
    "phone",
    ["900 123 456", "840 123 456", "800 123 456", "700 0", "+84 1900 1234", "+49 900 1 123456", "+48 701 234 567",
     "+421 900 123", "+43 900 123456", "+380 900 212345", "+79 809 123 45 67", "+882161111111"],
)  # fmt: skip
def test_numbers_that_cost_extra_or_are_no_telephone_are_refused_in_allowed_countries_too(phone: str) -> None:
    with pytest.raises(InvalidPhone):
        parse_for_sms(phone)
