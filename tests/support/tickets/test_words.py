"""Searching: without accents, by beginnings, by numbers and addresses; bounded, and nothing that is typed is syntax."""

import random
import unicodedata

import pytest
from django.db import connection

from support.models import Ticket
from support.tickets import words
from tests.factories import make_ticket

pytestmark = pytest.mark.django_db


def found(text: str) -> list[Ticket]:
    return list(words.find(Ticket.objects.order_by("pk"), text))


@pytest.mark.parametrize(
    "typed",
    [
        "Nejde tisk certifikátu",
        "certifikátu nejde",
        "CERTIFIKAT",
        "certi tis",
        unicodedata.normalize("NFD", "certifikátu"),
        "certi\u00adfikat".replace("\u00ad", ""),
        "novakova",
        "Nováková Jana",
        "jana.n@nemocnice-tabor.example",
        "nemocnice-tabor",
        "n@nemocnice",
        "EJ6797",
        "ej67",
        "šarže12",
        "sarze",
        "(certifikátu!)",
        "tisk -- certifikátu",
    ],
)
def test_a_ticket_is_found_by_what_people_type(typed: str) -> None:
    ticket = make_ticket(requester_name="Jana Nováková", requester_address="jana.n@nemocnice-tabor.example")
    words.add_words(ticket.pk, "Dobrý den, u šarže EJ6797 (šarže12) nám nejde nic.")
    make_ticket("Jiná věc", requester_name="", requester_address="")
    assert found(typed) == [ticket]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "!!!",
        "' OR 1=1 --",
        "a' & 'b",
        "tisk:*",
        "tisk | jine",
        "!tisk",
        "<->",
        "\\",
        "\x00",
        "%",
        "tisk & (",
        "'",
    ],
)
def test_nothing_that_is_typed_is_syntax(typed: str) -> None:
    make_ticket("Úplně jiná", requester_name="", requester_address="")
    assert found(typed) == []


@pytest.mark.parametrize(
    "typed", ["{number}", "CRS {pk}", "crs{pk}", " #{pk} ", "{pk}", "CRS–000{pk}", "č. {pk}", "Crs-0{pk}"]
)
def test_a_ticket_is_found_by_its_number(typed: str) -> None:
    make_ticket()
    ticket = make_ticket()
    assert found(typed.format(number=ticket.number, pk=ticket.pk)) == [ticket]


def test_a_number_that_is_too_long_finds_nothing() -> None:
    make_ticket()
    assert found("9" * 30) == found("0") == []


def test_only_so_many_words_are_kept() -> None:
    ticket = make_ticket()
    chance = random.Random(1)
    for _ in range(4):
        text = " ".join("ž" * 30 + f"{chance.getrandbits(60):x}" for _ in range(3000))
        words.add_words(ticket.pk, text)
    words.add_words(ticket.pk, "posledni")
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(search), strip(search) = search FROM support_ticket")
        kept, is_stripped = cursor.fetchone()
    assert 4000 < kept <= words.WORDS_OF_A_TICKET
    assert is_stripped
    assert found("posledni") == [ticket]
    words.add_words(ticket.pk, "x" * 5_000_000)
    assert found("x" * 50) == [ticket]


def test_words_that_grow_without_accents_fit_in_a_row() -> None:
    ticket = make_ticket()
    for part in range(3):
        words.add_words(ticket.pk, " ".join("㋿㍿ꜲꜨ" * 10 + f"{part}n{number}" for number in range(2000)))
        words.add_words(ticket.pk, " ".join("𝄞🂡ⵣ𐌰" * 10 + f"{part}n{number}" for number in range(2000)))
    assert found("Nejde") == [ticket]


def test_the_index_answers() -> None:
    for number in range(9):
        make_ticket(f"Požadavek{number}")
    query, parameters = words.find(Ticket.objects.order_by(), "pozadavek7 jana").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE support_ticket")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}", parameters)
        plan = "\n".join(line for (line,) in cursor)
    assert "tickets_by_words" in plan
