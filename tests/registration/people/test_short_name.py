"""By which name a message says whom it is for."""

import pytest

from registration.models import Person
from registration.people.short_name import LONGEST, short_name


@pytest.mark.parametrize(
    ("first", "last", "short"),
    [
        ("Jana", "Nováková", "Jana N."),
        ("Anna Marie", "Šťastná", "Anna Marie Š."),
        ("Thị Thanh Huyền", "Nguyễn", "Thị Thanh Huyền N."),
        ("Maxmiliána Sofie Anna", "Wonková", "Maxmiliána Sofie W."),
        ("Wolfeschlegelsteinhausen", "Žák", "Wolfeschlegelste Ž."),
        ("Marie-Antoinette-Luisa", "de Sade", "Marie-Antoinette d."),
        ("", "Suharto", "Suharto"),
        ("Madonna", "", "Madonna"),
        ("Jan", "’s Gravenhage", "Jan s."),
        ("", "", ""),
    ],
)
def test_it_is_the_given_name_and_the_initial_of_the_surname(first: str, last: str, short: str) -> None:
    found = short_name(Person(first_name=first, last_name=last)).own
    assert found == short
    assert len(found) <= LONGEST + len(" N.")


@pytest.mark.parametrize(
    ("names", "in_czech", "in_ukrainian"),
    [
        (("Jiří", "Žák"), "Jiří Ž.", "Jiří Ž."),
        (("Олена", "Шевченко", "OLENA", "SHEVCHENKO"), "Olena S.", "Олена Ш."),
        (("Олена", "Шевченко"), "", "Олена Ш."),
        (("", "Ґонґадзе", "", "GONGADZE"), "Gongadze", "Ґонґадзе"),
    ],
)
def test_an_sms_has_it_in_letters_that_it_can_carry(names: tuple[str, ...], in_czech: str, in_ukrainian: str) -> None:
    first, last, latin_first, latin_last = (*names, "", "")[:4]
    person = Person(first_name=first, last_name=last, latin_first_name=latin_first, latin_last_name=latin_last)
    assert (short_name(person).in_sms("cs"), short_name(person).in_sms("uk")) == (in_czech, in_ukrainian)
