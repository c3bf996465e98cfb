"""Passwords that people type from an old telephone."""

from certificates.delivery import passwords
from crs.messaging import gsm7

LOOK_ALIKES = "0Oo1lIi5Ss2Zz8Bb9gquUvVyY"


def test_no_character_looks_like_another_one() -> None:
    assert not set(passwords.ALPHABET) & set(LOOK_ALIKES)
    assert len(set(passwords.ALPHABET)) == len(passwords.ALPHABET)


def test_a_password_needs_no_shift_and_is_the_same_in_every_sms() -> None:
    assert passwords.ALPHABET.isascii()
    assert passwords.ALPHABET.lower() == passwords.ALPHABET
    assert gsm7.plain(passwords.ALPHABET) == passwords.ALPHABET
    assert gsm7.septets(passwords.ALPHABET) == len(passwords.ALPHABET)


def test_passwords_have_eleven_characters_and_never_come_twice() -> None:
    made = [passwords.new() for _ in range(2000)]
    assert {len(password) for password in made} == {11}
    assert len(set(made)) == 2000
    assert set("".join(made)) == set(passwords.ALPHABET)
    assert not [password for password in made if "rn" in password], "r and n together read as m"


def test_there_are_too_many_to_be_tried() -> None:
    assert len(passwords.ALPHABET) ** passwords.LENGTH > 2**46
