"""Two grandparents and one telephone: every message about a person says whom it is for."""

import ast
from pathlib import Path

import pytest
from django.conf import settings

from crs.messaging.models import Message
from crs.no_break import breakable
from registration.number import grouped
from registration.people import telling
from registration.people.short_name import short_name
from registration.people.telling import Reach
from tests.factories import make_registration
from tests.test_sms_parts import CONTEXT

# Modules that write to the outbox themselves, and to whom. Everybody else writes by `telling`.
ABOUT_NOBODY = {
    "crs/accounts/password_reset.py": "staff",
    "crs/messaging/alarms.py": "operators",
    "logistics/staff/invitations.py": "staff",
    "logistics/vaccines/batches.py": "staff",
    "registration/groups/reminders.py": "a telephone that asked to hear of a group",
    "registration/telephones/verification.py": "a telephone that is to be proved",
    "support/mail_out/sending.py": "whoever wrote a letter, under its own subject",
}
# The ways into the outbox.
DOORS = {"queue", "compose"}
ROOMS = ("crs", "logistics", "registration", "reservation", "vaccination", "certificates", "support")


def _writers() -> dict[str, list[bool]]:
    """The modules that call a door of the outbox; of each call whether it says whom it is for."""
    found: dict[str, list[bool]] = {}
    for room in ROOMS:
        for file in sorted(Path(settings.BASE_DIR, room).rglob("*.py")):
            text = file.read_text()
            if "outbox" not in text or file.name == "outbox.py":
                continue
            for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
                door = call.func
                is_outbox = isinstance(door, ast.Attribute) and ast.unparse(door.value) == "outbox"
                name = door.attr if isinstance(door, ast.Attribute) else getattr(door, "id", "")
                if name in DOORS and (is_outbox or isinstance(door, ast.Name)):
                    path = file.relative_to(settings.BASE_DIR).as_posix()
                    found.setdefault(path, []).append("whom" in {one.arg for one in call.keywords})
    return found


def test_whoever_writes_to_citizens_says_whom_it_is_about() -> None:
    writers = _writers()
    assert {path for path, says in writers.items() if not all(says)} == ABOUT_NOBODY.keys()
    assert {path for path, says in writers.items() if all(says)} == {
        "certificates/delivery/sending.py",
        "certificates/delivery/voiding.py",
        "registration/people/telling.py",
    }


@pytest.mark.django_db
@pytest.mark.parametrize("channel", [Message.Channel.SMS, Message.Channel.EMAIL])
def test_a_message_begins_with_the_name_and_tells_no_more_of_it(channel: Message.Channel) -> None:
    registration = make_registration(email="rodina@seznam.cz")
    context = {**CONTEXT, "registration": registration, "number": registration.number}
    found = {one.channel: one for one in telling.messages(registration, "registration/check_done", context)}
    message = found[channel]
    said = message.text if channel == Message.Channel.SMS else message.subject
    assert said is not None
    assert said.startswith("Jana N.: ")
    assert message.text is not None
    if channel == Message.Channel.EMAIL:
        assert message.text.startswith("Pro: Jana N.\n\n")
    person = registration.person
    assert person.last_name not in message.text + message.subject
    assert person.insured_number not in message.text + message.subject


@pytest.mark.django_db
def test_an_sms_that_cannot_write_the_name_has_the_number() -> None:
    registration = make_registration()
    registration.person.first_name, registration.person.last_name = "Олена", "Шевченко"
    sms = next(telling.messages(registration, "registration/check_done", {"number": registration.number}))
    assert sms.text is not None
    assert sms.text.startswith(f"Registrace {breakable(grouped(registration.number))}: ")
    reach = Reach("cs", "+420601234567", whom=short_name(registration.person))
    sms = next(telling.messages(reach, "registration/check_done", {"number": "100000014"}))
    assert sms.text is not None
    assert sms.text.startswith("Registrace 100 000 014: ")
