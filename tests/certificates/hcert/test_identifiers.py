"""Unique identifiers of certificates (DOMAIN 1.4)."""

import re

from certificates.hcert.identifiers import new_uvci
from tests.eu_codes import needs_eu_codes, published

_CHECKED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/:"


def check_character(text: str) -> str:
    """The character after '#' for the text before it: Luhn's sum over 38 letters."""
    total = 0
    for place, letter in enumerate(reversed(text)):
        value = _CHECKED.index(letter) * (1 if place % 2 else 2)
        total += value // len(_CHECKED) + value % len(_CHECKED)
    return _CHECKED[-total % len(_CHECKED)]


def test_an_identifier_looks_as_czech_ones_do_and_is_never_the_last_one() -> None:
    made = {new_uvci("CZ") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch("URN:UVCI:01:CZ:[A-Z2-9]{32}", one) for one in made)


def test_the_check_character_is_that_of_the_guidelines_example() -> None:
    assert check_character("URN:UVCI:01:AT:B5921A35D6A0D696421B3E2462178297") == "I"


@needs_eu_codes
def test_most_check_characters_of_the_states_are_right_and_a_wrong_one_is_no_reason_to_refuse() -> None:
    right = wrong = 0
    for code in published():
        for entry in [entry for kind in "vtr" for entry in (code.content or {}).get(kind) or ()]:
            body, sign, check = entry["ci"].rpartition("#")
            if sign and re.fullmatch("[A-Z0-9/:]+", body):
                right, wrong = (right + 1, wrong) if check_character(body) == check else (right, wrong + 1)
    assert right > wrong > 0
