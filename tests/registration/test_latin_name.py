"""Names in Latin letters, as certificates need them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.errors import SpellingNeedsLatinLetters
from registration.latin_name import is_latin, machine_readable, spelling


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


@pytest.mark.parametrize("name", ["Олена", "M\u0430ria", "Γιώργος", "محمد", "王"])
def test_a_name_in_another_script_needs_a_spelling_also_where_one_letter_only_looks_latin(name: str) -> None:
    assert not is_latin(name)
    with pytest.raises(SpellingNeedsLatinLetters):
        machine_readable(name)


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
