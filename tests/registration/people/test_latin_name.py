"""Names in Latin letters, as certificates need them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.people.errors import SpellingNeedsLatinLetters
from registration.people.latin_name import is_latin, machine_readable, spelling
from tests.eu_codes import needs_eu_codes, published


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("d'Červenková Panklová", "DCERVENKOVA<PANKLOVA"),
        ("Jiřina-Maria Alena", "JIRINA<MARIA<ALENA"),
        ("Daňhelka", "DANHELKA"),
        ("Svätozár", "SVAETOZAR"),
        ("Nguyễn Thị Đào", "NGUYEN<THI<DAO"),
        ("Strauß", "STRAUSS"),
        ("Müller", "MUELLER"),
        ("Mu\u0308ller", "MUELLER"),
        ("Łukasz Ørsted Åse", "LUKASZ<OERSTED<AASE"),
        ("O\u2019Brien \u2013 Novák", "OBRIEN<NOVAK"),
        ("\u200bNovák\u00a0Starší", "NOVAK<STARSI"),
        ("Dr. J. Novák (mladší)", "DR<J<NOVAK<MLADSI"),
    ],
)
def test_a_latin_name_is_read_by_the_rule_of_travel_documents(name: str, read: str) -> None:
    assert is_latin(name)
    assert machine_readable(name) == read


@pytest.mark.parametrize("name", ["Олена", "M\u0430ria", "Γιώργος", "محمد", "王", "Ɓala", "Toȡar"])
def test_a_name_in_another_script_or_with_letters_beyond_the_rule_needs_a_spelling(name: str) -> None:
    assert not is_latin(name)
    with pytest.raises(SpellingNeedsLatinLetters):
        machine_readable(name)


def test_every_czech_and_slovak_letter_is_read() -> None:
    letters = "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž" + "ĺľŕôä"
    assert machine_readable(letters) == "AABCCDDEEEFGHIIJKLMNNOOPQRRSSTTUUUVWXYYZZ" + "LLROAE"
    assert machine_readable(letters.upper()) == machine_readable(letters)


def test_every_vietnamese_letter_is_read_in_both_forms_of_unicode() -> None:
    for base, letters in {
        "A": "aàảãáạăằẳẵắặâầẩẫấậ",
        "D": "dđ",
        "E": "eèẻẽéẹêềểễếệ",
        "I": "iìỉĩíị",
        "O": "oòỏõóọôồổỗốộơờởỡớợ",
        "U": "uùủũúụưừửữứự",
        "Y": "yỳỷỹýỵ",
    }.items():
        for written in (letters, letters.upper(), unicodedata.normalize("NFD", letters)):
            assert machine_readable(written) == base * len(letters)


@pytest.mark.parametrize("apostrophe", "'’‘‛`´ʼʻʹˈ′＇\u05f3\uff40")
def test_an_apostrophe_of_any_shape_is_left_out(apostrophe: str) -> None:
    assert machine_readable(f"O{apostrophe}Neill") == "ONEILL"


@pytest.mark.parametrize("hyphen", "-‐‑‒–—―−")
def test_a_hyphen_of_any_shape_parts_names_as_a_space_does(hyphen: str) -> None:
    assert machine_readable(f"Anna {hyphen} Marie{hyphen}Eva") == "ANNA<MARIE<EVA"


def test_a_long_name_ends_after_80_letters_and_never_with_a_sign_between_names() -> None:
    assert machine_readable("Ž" * 100) == "Z" * 80
    assert machine_readable("a" * 79 + " Nováková") == "A" * 79


@needs_eu_codes
def test_the_names_of_the_states_published_codes_are_read_as_they_have_them() -> None:
    names = [code.content["nam"] for code in published() if code.content]
    pairs = {(one[full], one[latin]) for one in names for full, latin in (("fn", "fnt"), ("gn", "gnt")) if full in one}
    in_latin = [(name, read) for name, read in pairs if is_latin(name)]
    assert len(in_latin) > 100
    # Another rule for a French name, and a sign too many at the end.
    otherwise = {(name, read) for name, read in in_latin if machine_readable(name) != read}
    assert otherwise == {("mäel", "MAEL"), ("STARK ", "STARK<")}


@pytest.mark.parametrize(("typed", "kept"), [("oléna", "OLENA"), ("SHEVCHENKO<<OLENA<", "SHEVCHENKO OLENA")])
def test_a_spelling_is_kept_in_the_letters_of_the_document(typed: str, kept: str) -> None:
    assert spelling(typed) == kept


@pytest.mark.parametrize("typed", ["", " - ", "'", "Шевченко", "12"])
def test_a_spelling_without_latin_letters_is_refused(typed: str) -> None:
    with pytest.raises(SpellingNeedsLatinLetters):
        spelling(typed)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_so_that_a_certificate_takes_it_or_refused(name: str) -> None:
    try:
        read = machine_readable(name)
    except SpellingNeedsLatinLetters:
        return
    assert len(read) <= 80
    assert re.fullmatch("([A-Z]+(<[A-Z]+)*)?", read)


@given(st.text(max_size=200).filter(is_latin))
def test_a_name_that_needs_no_spelling_can_always_be_read(name: str) -> None:
    machine_readable(name)
