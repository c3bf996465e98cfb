"""Whom a message reaches, and how."""

import pytest

from crs.messaging.models import Message
from registration.models import Person, Registration
from registration.people import telling
from registration.people.short_name import ShortName
from registration.people.telling import Reach
from tests.factories import NOW, make_registration

pytestmark = pytest.mark.django_db
JANA = ShortName("Jana N.")
SMS, EMAIL, LETTER = Message.Channel.SMS, Message.Channel.EMAIL, Message.Channel.LETTER


def told(reach: Reach | Registration, **values: object) -> dict[str, Message]:
    """The messages, by channel."""
    telling.tell(reach, "registration/registered", {"number": "100000014"}, **values)  # type: ignore[arg-type]
    return {message.channel: message for message in Message.objects.all()}


@pytest.mark.parametrize(
    ("reach", "channels"),
    [
        (Reach("cs", "+420601234567", "a@example.cz", whom=JANA), {SMS, EMAIL}),
        (Reach("cs", email="a@example.cz", postal_address="Jan\nDlouhá 1\n602 00 Brno", whom=JANA), {EMAIL, LETTER}),
        (Reach("cs", postal_address="Jan\nDlouhá 1\n602 00 Brno", whom=JANA), {LETTER}),
        (Reach("cs", whom=JANA), set()),
    ],
)
def test_each_way_by_which_a_person_is_reached_is_used(reach: Reach, channels: set[str]) -> None:
    assert reach.is_there == bool(channels)
    assert told(reach).keys() == channels


def test_an_envelope_to_somebody_with_one_name_begins_with_it() -> None:
    person = Person(last_name="Suharto", street="Dlouhá 1", city="Brno", postcode="60200")
    assert telling.postal_address(person) == "Suharto\nDlouhá 1\n602 00 Brno"


def test_only_who_has_no_mobile_gets_a_letter_and_its_envelope_is_in_latin_letters() -> None:
    registration = make_registration(email="")
    address = {"street": "Dlouhá 1", "city": "Brno", "postcode": "60200"}
    Person.objects.update(first_name="Олена", latin_first_name="Olena", last_name="Novak", **address)
    registration.person.refresh_from_db()
    assert telling.reach_of(registration).postal_address == ""
    registration.phone, registration.by_letter = "", True
    assert told(registration).keys() == {LETTER}
    assert Message.objects.get().address == "Olena Novak\nDlouhá 1\n602 00 Brno"


@pytest.mark.parametrize(
    ("language", "begins"),
    [("cs", "Registrace 100 000 014: "), ("vi", "Dang ky 100 000 014: "), ("uk", "Реєстрація 100 000 014: ")],
)
def test_the_number_with_which_an_sms_begins_is_read_in_threes_as_that_within_it(language: str, begins: str) -> None:
    # Letters that no SMS of these languages carries, and no spelling of a travel document.
    reach = Reach(language, "+420601234567", whom=ShortName("李 雷"), number="100000014")
    text = str(told(reach)[SMS].text)
    assert text.startswith(begins)
    assert text.count("100 000 014") == 2


def test_without_a_street_or_a_town_there_is_no_letter() -> None:
    registration = make_registration(email="")
    registration.phone, registration.by_letter = "", True
    registration.person.street = ""
    assert not telling.reach_of(registration).is_there


def test_a_secret_goes_by_sms_and_letter_alone() -> None:
    context = {"registration": make_registration(), "expires_at": NOW, "address": "ockovani.example/rezervace"}
    reach = Reach("cs", "+420601234567", "a@example.cz", "Jan\nDlouhá 1\n602 00 Brno", whom=JANA)
    found = list(telling.messages(reach, "reservation/invitation", context, secret={"pin2": "1234 5678"}))
    assert [message.channel for message in found] == [SMS, EMAIL, LETTER]
    for message in found:
        assert message.is_secret == ("1234" in str(message.text)) == (message.channel != EMAIL)
