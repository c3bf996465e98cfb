"""What becomes of the text of an SMS on its way to the carrier."""

import pytest

from crs.messaging import gsm7, sms_text


@pytest.mark.parametrize(
    ("language", "text", "sent"),
    [
        ("cs", "Příště přijďte", "Priste prijdte"),
        (
            "vi",
            "Mã PIN của quý vị: 123456, thứ Hai, Đặng Thị Hương",
            "Ma PIN cua quy vi: 123456, thu Hai, Dang Thi Huong",
        ),
        ("uk", "Ваш PIN: 123456 – «Їжак»\r\nдім", "Ваш PIN: 123456 – «Їжак»\nдім"),
        # A text that nobody has translated yet is Czech, and costs no more than that.
        ("uk", "Příště přijďte", "Priste prijdte"),
        ("cs", "Юрій", "????"),
    ],
)
def test_only_a_language_with_its_own_script_keeps_its_letters(language: str, text: str, sent: str) -> None:
    assert sms_text.sendable(text, language=language) == sent


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a" * 160, 1), ("a" * 161, 2), ("ї" * 70, 1), ("ї" * 71, 2), ("ї" * 134, 2), ("ї" * 135, 3), ("a" * 70 + "ї", 2)],
)
def test_parts_are_counted_in_the_alphabet_of_the_text(text: str, parts: int) -> None:
    assert sms_text.parts(text) == parts


def test_the_halves_of_a_sign_stay_in_one_part() -> None:
    assert sms_text.parts("ї" * 66 + "🙂" + "ї" * 66) == 3
    assert sms_text.parts("🙂" * 35) == 1


def test_what_is_plain_counts_as_before() -> None:
    text = gsm7.plain("Očkování: 29. 3. 2021 v 9.05 [Brno]")
    assert sms_text.parts(text) == gsm7.parts(text)
