"""Post codes as states write them, and the lines of an address."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from registration import address
from registration.address import LONGEST_POSTCODE, postcode
from registration.errors import PostcodeOfAnotherState, PostcodeRefused
from registration.models import Person
from registration.people.telling import postal_address
from tests.factories import make_registration


@pytest.mark.parametrize(
    ("typed", "country", "kept"),
    [
        ("cz-110\u00a000", "CZ", "11000"),
        ("PSČ: 110 00", "CZ", "11000"),
        ("81101", "SK", "811 01"),
        ("SK – 811 01", "SK", "811 01"),
        ("00950", "PL", "00-950"),
        ("pl 00 950", "PL", "00-950"),
        (" sw1a\u200b  1aa ", "GB", "SW1A 1AA"),
        ("1100–148", "PT", "1100-148"),
        ("１０１１５", "DE", "10115"),
        ("", "IE", ""),
    ],
)
def test_a_post_code_is_kept_as_its_state_writes_it(typed: str, country: str, kept: str) -> None:
    assert postcode(typed, country=country) == kept


@pytest.mark.parametrize("typed", ["811 01", "00-950", "30-001", "SW1A 1AA", "D-10115", "SK 811 01", "1100"])
def test_a_code_of_another_state_is_none_of_czechia(typed: str) -> None:
    with pytest.raises(PostcodeOfAnotherState):
        postcode(typed, country="CZ")


@pytest.mark.parametrize(
    ("typed", "country"),
    [("110 00", "SK"), ("0095", "PL"), ("Лондон", "GB"), ("straße", "DE"), ("12 (a)", "DE"), ("1" * 13, "US")],
)
def test_what_no_state_writes_is_refused(typed: str, country: str) -> None:
    with pytest.raises(PostcodeRefused):
        postcode(typed, country=country)


@given(
    typed=st.text(max_size=16) | st.from_regex(r"[A-Za-z0-9 -]{0,13}", fullmatch=True),
    country=st.sampled_from(["CZ", "SK", "PL", "DE"]),
)
def test_a_code_is_refused_or_kept_in_one_spelling_that_fits(typed: str, country: str) -> None:
    try:
        kept = postcode(typed, country=country)
    except PostcodeRefused:
        return
    assert len(kept) <= LONGEST_POSTCODE
    assert set(kept) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -")
    assert kept == kept.strip(" -")
    assert postcode(kept, country=country) == kept


@pytest.mark.django_db
def test_the_database_keeps_codes_to_their_country() -> None:
    person = make_registration().person
    rows = Person.objects.filter(pk=person.pk)
    for country, code in (("SK", "811 01"), ("GB", "SW1A 1AA"), ("IE", ""), ("CZ", "11000")):
        rows.update(country=country, postcode=code)
    for country, code in (
        ("CZ", "811 01"),
        ("CZ", "SW1A"),
        ("GB", "sw1a"),
        ("DE", " 10115"),
        ("cz", "11000"),
        ("", ""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(country=country, postcode=code)


def test_an_address_abroad_ends_with_its_state_and_its_envelope_in_capitals() -> None:
    person = Person(
        first_name="Eva", last_name="Malá", street="Hlavná 1", city="Bratislava", postcode="811 01", country="SK"
    )
    assert person.address == "Hlavná 1, 811 01 Bratislava, Slovensko"
    assert postal_address(person) == "Eva Malá\nHlavná 1\n811 01 Bratislava\nSLOVENSKO"
    assert Person(country="SK").address == ""
    assert address.lines(Person(street="Dlouhá 1", city="Brno", postcode="60200")) == ["Dlouhá 1", "602 00 Brno"]
