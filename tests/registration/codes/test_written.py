"""How codes are written, and what people type for them."""

import pytest

from registration.codes import written
from registration.codes.errors import CodeCheckFails, CodeHasOtherSigns, CodeTooLong, CodeTooShort, MistypedKey

CODE = written.checked(48217730591, digits=written.CODE_DIGITS)
KEY = written.checked(4821773059100000001, digits=written.KEY_DIGITS)


def test_a_code_stands_in_fours_with_hyphens() -> None:
    assert written.grouped(CODE) == f"4821-7730-591{CODE[-1]}"


@pytest.mark.parametrize(
    "typed",
    [
        f"  4821 7730 591{CODE[-1]} ",
        f"4821–7730–591{CODE[-1]}",
        f"4821/7730.591{CODE[-1]}",
        f"Registrační kód: 4821-7730-591{CODE[-1]}",
        CODE.replace("1", "|"),
        f"48\u200b21\u00ad7730\u00a0591{CODE[-1]}",
        "".join(chr(0xFF10 + int(digit)) for digit in CODE),  # wide
        "".join(chr(0x0660 + int(digit)) for digit in CODE),  # Arabic
        CODE.translate(str.maketrans("1234567890", "+ěščřžýáíé")),  # a Czech keyboard without Shift
        CODE.replace("1", "l").replace("0", "O"),
        CODE.replace("1", "І").replace("0", "о"),  # Cyrillic
    ],
)
def test_what_people_type_for_a_code_is_read_as_it(typed: str) -> None:
    assert written.read_code(typed) == CODE


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        (CODE[:-1], CodeTooShort),
        (CODE + "0", CodeTooLong),
        ("", CodeTooShort),
        (CODE[:-1] + "x", CodeHasOtherSigns),
        (CODE[:-1] + "²", CodeHasOtherSigns),
        (CODE[:-1] + "½", CodeHasOtherSigns),
    ],
)
def test_each_typing_mistake_has_its_own_words(typed: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        written.read_code(typed)


@pytest.mark.parametrize("number", [0, 48217730591, 10**11 - 1])
def test_every_single_wrong_digit_is_found(number: int) -> None:
    code = written.checked(number, digits=written.CODE_DIGITS)
    assert written.read_code(code) == code
    for position in range(len(code)):
        for digit in set("0123456789") - {code[position]}:
            with pytest.raises(CodeCheckFails):
                written.read_code(code[:position] + digit + code[position + 1 :])


def test_a_key_is_read_and_a_mistyped_one_refused() -> None:
    assert written.read_key(written.grouped(KEY)) == KEY
    for typed in (KEY[:-1], CODE, KEY[:-1] + ("0" if KEY[-1] != "0" else "1"), "klíč"):
        with pytest.raises(MistypedKey):
            written.read_key(typed)
