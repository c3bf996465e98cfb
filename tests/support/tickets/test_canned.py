"""Prepared answers and their variables."""

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from support.desk.forms import CannedAnswerForm, check_that_all_is_said
from support.models import CannedAnswer
from support.tickets import canned
from tests.factories import make_site, make_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TEXT = "{name}, k {number} ({site}) dne {date}: {agent}. {cokoli} {} { name }"


def answer(czech: str = TEXT, english: str = "") -> CannedAnswer:
    return CannedAnswer(title="x", text_cs=czech, text_en=english)


def test_variables_are_filled_in_and_what_is_unknown_stays_plain(dispatcher: User) -> None:
    dispatcher.first_name, dispatcher.last_name = "Petr", "Malý"
    ticket = make_ticket(site=make_site("Nemocnice Tábor"), requester_name="{agent}")
    said = canned.filled(answer(), ticket, dispatcher)
    # What a sender calls themselves is no variable.
    assert (
        said == f"{{agent}}, k {ticket.number} (Nemocnice Tábor) dne 11. 1. 2027: Petr Malý. {{cokoli}} {{}} {{ name }}"
    )


def test_a_variable_of_which_nothing_is_known_stays_and_is_told(dispatcher: User) -> None:
    said = canned.filled(answer("{name}: {site}, {number}"), make_ticket(requester_name=""), dispatcher)
    assert canned.unfilled_in(said) == ["name", "site"]


def test_the_language_is_that_of_the_ticket(dispatcher: User) -> None:
    czech, english = make_ticket(), make_ticket(language="en")
    both, one = answer("česky", "English"), answer("česky")
    assert [canned.filled(both, ticket, dispatcher) for ticket in (czech, english)] == ["česky", "English"]
    assert canned.filled(one, english, dispatcher) == "česky"


def test_unknown_variables_are_named() -> None:
    assert canned.unknown_in("{name} {jmeno} {number} {jmeno} {} {Name}") == ["jmeno", "", "Name"]
    assert canned.unknown_in("{name} { } {\n} {{site}}") == [" "]


def test_an_unknown_variable_is_refused_when_it_is_saved_and_one_that_is_left_when_it_is_sent() -> None:
    form = CannedAnswerForm({"title": "x", "text_cs": "{name} {jmeno}", "text_en": "{number}", "is_active": "on"})
    assert "{jmeno}" in form.errors["text_cs"][0]
    assert "text_en" not in form.errors
    check_that_all_is_said("Ve složených závorkách {to} a {} nic neznamená.")
    with pytest.raises(ValidationError) as refused:
        check_that_all_is_said("Dobrý den {name}, místo {site}")
    assert "{name}, {site}" in refused.value.messages[0]
