"""Insured numbers are found as people write them, and covered; what only looks like one is left."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.people import insured_number
from registration.people.errors import InvalidInsuredNumber
from support.letters.covering import COVER, covered, has_numbers, numbers_in

TODAY = date(2026, 11, 26)
UNSEEN = "\u200b\u00ad\u2060\ufeff\u202e\x00\U000e0001"


def is_number(digits: str) -> bool:
    try:
        insured_number.parse(digits, today=TODAY)
    except InvalidInsuredNumber:
        return False
    return True


def ten_digits(day: date, serial: int) -> str:
    return next(
        digits
        for ending in range(serial, serial + 11)
        if is_number(digits := f"{day:%y%m%d}{ending % 10000:04d}") and int(digits) % 11 == 0
    )


numbers = st.builds(ten_digits, st.dates(date(1954, 1, 1), date(2026, 11, 1)), st.integers(0, 9980))


@pytest.mark.parametrize(
    "written",
    [
        "{0}/{1}", "{0} / {1}", "{0}{1}", "{0} {1}", "{0}\u00a0{1}", "{0}-{1}", "{0}–{1}", "{0}.{1}", "{0}\\{1}",
        "{0}/\n{1}", "{0}\u200b/\u00ad{1}", "{0}\u2044{1}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("digits", ["8501010001", "470115123", "8551010006", "8501511234"])
def test_a_number_is_covered_however_it_is_written(written: str, digits: str) -> None:
    assert is_number(digits)
    text = written.format(digits[:6], digits[6:])
    assert covered(f"RČ:{text}, Jana") == f"RČ:{COVER}, Jana"
    assert has_numbers(text)


@given(number=numbers, unseen=st.text(UNSEEN, max_size=30), before=st.text("ab .+č\n", max_size=5))
def test_what_nobody_sees_between_the_digits_hides_no_number(number: str, unseen: str, before: str) -> None:
    text = before + "".join(digit + unseen for digit in number)
    assert covered(text).startswith(before + COVER)


@given(text=st.text("0123456789 /\u200b-a\n", max_size=60))
def test_a_covered_text_holds_no_number_any_more_and_covering_it_again_changes_nothing(text: str) -> None:
    once = covered(text)
    assert not has_numbers(once)
    assert covered(once) == once
    assert has_numbers(text) == (once != text)


@given(number=numbers, telephone=st.integers(600_000_000, 799_999_999))
def test_a_number_is_found_after_another_word_of_digits(number: str, telephone: int) -> None:
    text = f"{telephone} {number[:6]} {number[6:]} 12"
    assert not has_numbers(f"{telephone}") or is_number(f"{telephone}")
    assert COVER in covered(text)
    assert number[6:] not in covered(text).split()


@pytest.mark.parametrize(
    "text",
    [
        "tel. 601 234 567",
        "tel. +420 470 115 123 nebo 00420 470 115 123",
        "šarže 8501010002",  # fails the check digit
        "18501010001",  # one of more digits is another one's
        "85010100011",
        "č. j. 2026112609151234",
        "27. 1. 2026 10:15, 2026-11-26 09:15",
        "účet 19-2000145399/0800",
        "CRS-008501",
        "",
    ],
)
def test_what_only_looks_like_a_number_is_left(text: str) -> None:
    assert covered(text) == text
    assert not has_numbers(text)


def test_digits_of_other_scripts_are_read_as_people_read_them() -> None:
    assert covered("８５０１０１/０００１") == COVER
    assert covered("٨٥٠١٠١/٠٠٠١") == COVER


def test_two_numbers_that_share_digits_are_both_gone() -> None:
    assert covered("8501010001 8501010001/8501010001") == f"{COVER} {COVER}/{COVER}"


@pytest.mark.parametrize("piece", ["1 ", "8501010001 ", "1\u200b", "850101/", "0 \u200b \u200b ", "\u200b", "1"])
def test_the_time_grows_with_the_length_of_the_text_and_no_faster(piece: str) -> None:
    def seconds(characters: int) -> float:
        text = piece * (characters // len(piece))
        begun = time.process_time()
        covered(text)
        return time.process_time() - begun

    seconds(10_000)
    assert seconds(80_000) < 8 * max(seconds(10_000), 0.01) * 3


def test_numbers_are_told_apart_and_read_as_digits() -> None:
    text = "RČ 755404/1506, tel. 601 234 567, č. 8; ještě jednou 755404\u200b 1506 a ٧٥٥٤٠٤١٥٠٦"
    assert numbers_in(text) == ["7554041506"]
