"""People are found by their names as staff type them, in any script, and through an index."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations import AddConstraint

from crs.typed import plain
from registration.models import Person
from registration.people import naming
from tests.factories import make_registration

pytestmark = pytest.mark.django_db


def _person(first: str, last: str, **more: str) -> Person:
    person = make_registration().person
    Person.objects.filter(pk=person.pk).update(first_name=first, last_name=last, **more)
    return person


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        ("Eva", "Nováková", ["novakova", "NOVÁKOVÁ EVA", "eva novakova", "eva", "novakova, eva", "ova", "akov"]),
        ("Jana", "Čermáková", ["Cermakova", "čermáková", "cermak", "Cerma\u0301kova"]),
        ("Ľubica", "Šťastná-Králová", ["ĽUBICA", "lubica", "stastna", "kralova", "stastna-kralova", "kralova stastna"]),
        ("Ľubica", "Šťastná-Králová", ["stastnakralova", "šťastná králová ľubica", "stastna kral"]),
        ("Văn Đức", "Nguyễn", ["Nguyen", "nguyen duc", "duc van nguyen", "vanduc"]),
        ("Shannon", "O'Connor", ["o'connor", "oconnor", "o connor", "O’Connor", "connor"]),
        ("", "Suharto", ["suharto", "harto"]),
        ("Тарас", "Шевченко", ["шевченко", "ШЕВЧЕНКО тарас", "евчен", "тарас"]),
        ("", "王小明", ["王", "小明"]),
        ("Li", "Wu", ["li", "wu li", "w"]),
        ("Jean", "d'Červenková", ["d’cervenkova", "cervenkova jean"]),
        ("Łukasz", "Großmann", ["lukasz grossmann", "GROSSMANN"]),
    ],
)
def test_a_name_is_found_however_it_is_said(first: str, last: str, texts: list[str]) -> None:
    _person("Petr", "Malý")
    person = _person(first, last)
    assert {text: list(naming.found(text)) for text in texts} == {text: [person] for text in texts}


def test_the_latin_spelling_is_a_name_too() -> None:
    person = _person("Тарас", "Шевченко", latin_first_name="TARAS", latin_last_name="SHEVCHENKO")
    assert list(naming.found("shevchenko taras")) == list(naming.found("шевченко taras")) == [person]


@pytest.mark.parametrize(
    "text", ["", " ", "-", "'", "^", ":*", "&", "!", "novak:*", "\\", "novakova petr", "ov a", "x" * 500]
)
def test_what_is_no_name_of_theirs_finds_nobody_and_breaks_nothing(text: str) -> None:
    _person("Eva", "Nováková")
    expected = 1 if text == "novak:*" else 0
    assert len(naming.found(text)) == expected


def test_two_letters_are_the_beginning_of_a_word() -> None:
    _person("Eva", "Nováková")
    assert not naming.found("va")
    assert naming.found("no ev")


def test_whose_surname_begins_so_comes_first() -> None:
    inside, second, first = _person("Adam", "Pernovák"), _person("Petr", "Novák"), _person("Novák", "Adamec")
    assert list(naming.found("novak")) == [second, first, inside]


def test_of_a_common_name_no_more_are_read_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    for _one in range(4):
        _person("Eva", "Nováková")
    rare = _person("Nov", "Novotná")
    monkeypatch.setattr(naming, "MOST_READ", 3)
    assert len(naming.found("eva")) == 3
    assert list(naming.found("nov novotna")) == [rare]


@pytest.mark.parametrize(
    "name",
    [
        "Nova\u0301k",
        "Nov\u200bák",
        "\u202eNovák",
        "Novák ",
        " Novák",
        "Eva  Nová",
        "Nov\u00a0ák",
        "Nov\ták",
        "No\u00advák",
        "\x9f",
        "No\u034fvák",
        "Novák\ufe0f",
        "Novák\U000e0101",
        "\u3164",
        "No\u115fvák",
    ],
)
def test_the_database_keeps_no_name_that_was_not_cleaned(name: str) -> None:
    person = _person("Eva", plain(name))
    with pytest.raises(IntegrityError, match="names_are_plain"), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(last_name=name)


def test_the_database_takes_every_name_that_was_cleaned() -> None:
    """The signs of all alphabets, in the way in which people paste them."""
    signs = [
        chr(point) for point in (*range(1, 0x3000), *range(0xFE00, 0x10000), 0x3164, 0x1F600, 0xE0001, 0xE00FF, 0xE0101)
    ]
    names = [plain(f"a{sign}b") for sign in signs]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM unnest(%s::text[]) AS name WHERE NOT registration_is_plain(name)", [names])
        assert cursor.fetchall() == []


def test_names_that_were_kept_as_they_were_pasted_are_cleaned_before_the_check_holds() -> None:
    migration = import_module("registration.migrations.0004_names_found")
    (check,) = (one.constraint for one in migration.Migration.operations if isinstance(one, AddConstraint))
    person = _person("Eva", "Malá")
    names = [
        f" {sign}a{sign} {sign}e\u0301{sign}"
        for sign in map(chr, (*range(1, 0x3200), *range(0xFE00, 0x10000), 0xE0101))
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with connection.schema_editor() as schema:
            schema.remove_constraint(Person, check)
            pasted = {"first_name": "\u202dJa\u200bna\u00a0", "last_name": "Nova\u0301kova\u0301"}
            Person.objects.filter(pk=person.pk).update(**pasted)
            cursor.execute(migration.CLEAN)
            schema.add_constraint(Person, check)
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT registration_is_plain(pg_temp.cleaned(name))",
            [names],
        )
        assert cursor.fetchall() == []
    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("Jana", "Nov\u00e1kov\u00e1")


MANY = """
    INSERT INTO registration_person (first_name, last_name, latin_first_name, latin_last_name, insured_number_hash,
        document_type, document_country, document_hash, birth_date, sex, insurer, street, city, postcode)
    SELECT 'Křestní' || n %% 500, 'Příjmení' || n %% 5000, '', '', 'h' || n, '', '', '', DATE '1950-01-01' + n %% 20000,
        '', '', '', '', ''
    FROM generate_series(1, %s) AS n
"""


def test_a_search_by_name_reads_an_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MANY, [5000])
        cursor.execute("ANALYZE registration_person")
    for text in ("prijmeni77", "krestni33 prijmeni33", "meni4321", "KŘESTNÍ123"):
        assert naming.named(text)
        assert "Index Scan on person_by_name_parts" in naming.named(text).explain()
