"""Two names of one person, and what makes them those of two."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registration.models import Mismatch, Person, Register
from registration.registers.asking import HealthWorker, Insured
from registration.registers.comparing import differences, is_one_name
from tests.factories import NOW

ALIKE = [
    (("Jana", "Nováková"), ("JANA", "NOVAKOVA")),
    (("Jana", "Nováková"), ("Jana", "Nova\u0301kova\u0301")),
    (("Jan Karel", "Svoboda"), ("Karel Jan", "Svoboda")),
    (("Jan", "Svoboda"), ("Jan Karel", "Svoboda")),
    (("Anna-Marie", "Dvořáková"), ("Anna Marie", "Dvořáková")),
    (("Jana", "Nováková-Černá"), ("Jana", "Nováková")),
    (("Jana", "Černá"), ("Jana", "Nováková Černá")),
    (("Nováková", "Jana"), ("Jana", "Nováková")),
    (("Ing. Jan", "Novák ml."), ("Jan", "Novák, CSc.")),
    (("Jürgen", "Müller"), ("Jurgen", "Muller")),
    (("Jürgen", "Müller"), ("Juergen", "Mueller")),
    (("Łukasz", "Kowalski"), ("Lukasz", "Kowalski")),
    (("Sean", "O’Brien"), ("Sean", "O'Brien")),
    (("Juan", "De La Cruz"), ("Juan", "Delacruz")),
    (("Minh Đức", "Nguyễn"), ("Duc Minh", "Nguyen")),
    (("Олена", "Шевченко"), ("ОЛЕНА", "Шевченко")),
    (("", "Suharto"), ("Suharto", "")),
    (("Jana\u200b", " Nováková\u00a0"), ("Jana", "Nováková")),
]
OTHER = [
    (("Jana", "Nováková"), ("Jana", "Dvořáková")),
    (("Jana", "Nováková"), ("Eva", "Nováková")),
    (("Jana", "Nováková"), ("Jana", "Novák")),
    (("J.", "Novák"), ("Jan", "Novák")),
    (("", "Novák"), ("Jan", "Novák")),
    (("Jan", "Svoboda"), ("Svoboda", "Karel")),
    (("Олена", "Шевченко"), ("Olena", "Shevchenko")),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_a_name_is_one_however_it_is_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert is_one_name(one, other)
    assert is_one_name(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_name_is_for_people_to_look_at(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert not is_one_name(one, other)
    assert not is_one_name(other, one)


WORDS = st.text(st.characters(categories=["Lu", "Ll"], max_codepoint=0x17F), min_size=2, max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=3)


@settings(max_examples=40)
@given(first=NAMES, last=NAMES, data=st.data())
def test_case_marks_hyphens_and_order_never_make_two_people_of_one(
    first: list[str], last: list[str], data: st.DataObject
) -> None:
    one = (" ".join(first), " ".join(last))
    turned = [data.draw(st.permutations(part)) for part in (first, last)]
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC"]))
    joint = data.draw(st.sampled_from([" ", "-", " - ", "\u2011", "\u00a0"]))
    other = tuple(unicodedata.normalize(form, joint.join(parts)) for parts in turned)
    assert is_one_name(one, (other[0], other[1]))
    assert is_one_name((other[0].casefold(), other[1].casefold()), one)
    assert is_one_name(one, (other[1], other[0]))


@settings(max_examples=40)
@given(one=st.tuples(st.text(max_size=12), st.text(max_size=12)), other=st.tuples(st.text(max_size=12), st.text()))
def test_whatever_is_typed_is_compared_and_alike_both_ways(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert is_one_name(one, one)
    assert is_one_name(one, other) == is_one_name(other, one)


def person(**fields: object) -> Person:
    values = {
        "first_name": "Jana",
        "last_name": "Nováková",
        "insured_number": "6854021240",
        "birth_date": date(1968, 4, 2),
    }
    return Person(**(values | fields))


def record(**fields: object) -> Insured:
    values = {"first_name": "Jana", "last_name": "Nováková", "birth_date": date(1968, 4, 2), "insurer": "205"}
    return Insured(**(values | fields))  # type: ignore[arg-type]


def insured_differs(who: Person, answer: Insured | None) -> list[Mismatch.Kind]:
    return differences(who, answer, Register.INSURERS, now=NOW)


def test_another_insurer_is_no_mismatch() -> None:
    assert insured_differs(person(insurer="111"), record()) == []


def test_the_weightiest_difference_comes_first() -> None:
    gone = record(died_on=date(2027, 1, 1), last_name="Jiná", insured_until=date(2027, 1, 1))
    assert insured_differs(person(), gone) == [Mismatch.Kind.DIED, Mismatch.Kind.NAME]
    assert insured_differs(person(), None) == [Mismatch.Kind.NOT_FOUND]


def test_insurance_ends_with_its_last_day() -> None:
    assert insured_differs(person(), record(insured_until=NOW.date())) == []
    assert insured_differs(person(), record(insured_until=date(2027, 1, 10))) == [Mismatch.Kind.NOT_INSURED]


def test_a_number_of_two_centuries_is_seen_by_the_register_and_settled_by_staff() -> None:
    """1012010010 reads as 2010; somebody born in 1910 who got the number late has one like it (DOMAIN 2.1)."""
    read_as_child = person(insured_number="1012010010", birth_date=date(2010, 12, 1))
    of_register = record(birth_date=date(1910, 12, 1))
    assert Mismatch.Kind.BIRTH_DATE in insured_differs(read_as_child, of_register)
    read_as_child.birth_date = date(1910, 12, 1)
    settled = insured_differs(read_as_child, of_register)
    assert settled == []


def test_the_date_in_the_number_counts_beside_the_one_that_was_kept() -> None:
    wrong = person(birth_date=date(1968, 4, 3))
    assert insured_differs(wrong, record(birth_date=date(1968, 4, 3))) == [Mismatch.Kind.BIRTH_DATE]


def test_a_spelling_in_latin_letters_stands_for_the_name() -> None:
    olena = person(first_name="Олена", last_name="Шевченко", latin_first_name="OLENA", latin_last_name="SHEVCHENKO")
    assert insured_differs(olena, record(first_name="Olena", last_name="Shevchenko")) == []


def test_whose_registration_as_a_health_worker_ended_is_none() -> None:
    worker = HealthWorker("1", "Jana", "Nováková", "sestra", until=date(2027, 1, 10))
    assert differences(person(), worker, Register.HEALTH_WORKERS, now=NOW) == [Mismatch.Kind.NOT_A_WORKER]
    assert differences(person(), None, Register.HEALTH_WORKERS, now=NOW) == [Mismatch.Kind.NOT_A_WORKER]
