"""Every SMS in every language: how many parts it takes, at its longest."""

from copy import deepcopy
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from pytest_django import Settings

from crs.messaging import outbox, sms_text
from crs.messaging.models import Message
from registration.models import Person
from registration.people import telling
from registration.people.short_name import LONGEST, ShortName, short_name

# In plain letters two parts; with letters of another script, of which a part holds fewer than half, four.
MOST_PARTS = {"cs": 2, "en": 2, "vi": 2, "uk": 4}
UNKNOWN = "?unknown?"
_MOMENT = datetime(2027, 3, 31, 18, 45, tzinfo=ZoneInfo("Europe/Prague"))
_REGISTRATION = SimpleNamespace(number="100000014")
_SITE = SimpleNamespace(
    name="Fakultní nemocnice Královské Vinohrady, očkovací centrum",
    address="Šrobárova 1150/50, 100 34 Praha 10",
    phone="+420 267 162 222",
)
# The longest name with which an SMS about a person begins.
WHOM = short_name(Person(first_name="Maxmiliána Sofie Anna", last_name="Wonková")).own
# A name that no SMS can write: it begins with the registration number instead.
UNWRITABLE = ShortName("李 雷")
# To a telephone alone: whoever proves it, and whoever asked to hear of a group.
ABOUT_NOBODY = {"registration/pin", "registration/opening_reminder"}
# What templates are given, by name; a template with another variable fails here until it stands among them.
CONTEXT: dict[str, Any] = {
    "public_url": "https://registrace.example.cz",
    "host": "registrace.example.cz",
    "address": "registrace.example.cz/rezervace/",
    "number": "100\u00a0000\u00a0014",
    "pin": "123456",
    "pin2": "1234 5678",
    "code": "123456",
    "password": "abcdefgh23",
    "dose": 2,
    "time": _MOMENT,
    "times": [_MOMENT, _MOMENT],
    "doses": [(1, _MOMENT), (2, _MOMENT)],
    "link": "registrace.example.cz/o/ABCDEFGHJKLMNPQR/",
    "moments": "so 31.3.2027 18:45, so 31.3.2027 18:45, so 31.3.2027 18:45",
    "places": _SITE.name,
    "cause": "CLOSURE",
    "reason": "Odstávka vody a elektřiny v celé budově polikliniky a v okolních ulicích.",
    "expires_at": _MOMENT,
    "registration": _REGISTRATION,
    "site": _SITE,
    "group": "pracovníci v sociálních službách",
    "gave_back": True,
    "is_instead": True,
    "ending": "LEFT",
    "come_by": _MOMENT,
    "answer_by": _MOMENT,
    "issued_at": _MOMENT,
    "has_new_pin2": True,
    "is_doubtful": False,
    "is_listed": False,
}
# Ways through a template that has several, besides that of CONTEXT.
OTHER_WAYS: dict[str, list[dict[str, Any]]] = {
    "registration/registered": [{"is_listed": True}],
    "registration/ended": [{"ending": "MERGED"}, {"ending": "STAFF"}, {"gave_back": False}],
    "certificates/ready": [{"is_instead": False}, {"site": None}],
    "certificates/password": [{"is_instead": False}],
    "reservation/affected": [{"cause": "HOURS"}],
    "reservation/replan_undone": [{"is_doubtful": True}],
    "reservation/missed_later": [{"site": SimpleNamespace(phone="")}],
    "reservation/taken_back_later": [{"site": SimpleNamespace(phone="")}],
}
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").glob("*/messages/*.sms.txt"))


def test_the_name_before_an_sms_is_as_long_as_it_may_be() -> None:
    assert len(WHOM) == LONGEST + len(" W.")


@pytest.fixture(scope="module")
def engine() -> Engine:
    """The engine of pages, in which a variable that nobody gives does not vanish."""
    options = deepcopy(settings.TEMPLATES[0]["OPTIONS"])
    configured = Engine.get_default()
    return Engine(
        dirs=settings.TEMPLATES[0]["DIRS"],
        context_processors=options["context_processors"],
        string_if_invalid=UNKNOWN,
        libraries=configured.libraries,
        builtins=configured.builtins,
    )


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: f"{file.parts[-3]}/{file.name.partition('.')[0]}")
@pytest.mark.parametrize("language", MOST_PARTS)
def test_no_sms_takes_more_parts_than_it_may(engine: Engine, language: str, file: Path) -> None:
    name = f"{file.parts[-3]}/{file.name.partition('.')[0]}"
    template = engine.get_template(file.relative_to(settings.BASE_DIR / "templates").as_posix())
    numbered = telling.named(UNWRITABLE, Message.Channel.SMS, language, number=_REGISTRATION.number)
    longest = max(WHOM, sms_text.sendable(numbered, language=language), key=len)
    for way in ({}, *OTHER_WAYS.get(name, [])):
        with translation.override(language):
            text = template.render(Context({**CONTEXT, **way}, autoescape=False)).strip()
        if name not in ABOUT_NOBODY:
            text = f"{longest}: {text}"
        assert UNKNOWN not in text, text
        sent = sms_text.sendable(text, language=language)
        assert sms_text.parts(sent) <= MOST_PARTS[language], sent
        # No sign was lost on the way to the alphabet of the SMS.
        assert sent.count("?") == text.count("?"), sent


@pytest.mark.parametrize(
    ("name", "last_line"),
    [
        ("registration/pin", "@registrace.example.cz #123456"),
        ("reservation/invitation", "@registrace.example.cz #12345678"),
    ],
)
@pytest.mark.parametrize("language", MOST_PARTS)
def test_a_telephone_finds_the_code_by_the_last_line(engine: Engine, language: str, name: str, last_line: str) -> None:
    template = engine.get_template(f"{name.partition('/')[0]}/messages/{name.partition('/')[2]}.sms.txt")
    with translation.override(language):
        text = template.render(Context(CONTEXT, autoescape=False)).strip()
    sent = sms_text.sendable(text, language=language)
    assert sent.splitlines()[-1] == last_line
    assert len(sent.splitlines()) == 2
    # People read the code before it, PIN2 in two groups.
    assert CONTEXT["pin" if name.endswith("pin") else "pin2"] in sent.splitlines()[0]
    # What millions get costs one part, where the alphabet of the SMS has the language's letters.
    assert sms_text.parts(sent) == 1 or language == "uk", (len(sent), sent)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://registrace.example.cz", "registrace.example.cz"),
        ("https://Registrace.Example.cz:8443/portal", "registrace.example.cz"),
        ("http://localhost:8000", "localhost"),
        ("http://[::1]:8000", "::1"),
    ],
)
def test_the_code_is_for_the_host_of_the_portal(settings: Settings, public_url: str, host: str) -> None:
    settings.PUBLIC_URL = public_url
    message = outbox.compose(
        channel=Message.Channel.SMS,
        recipient="+420601234567",
        template="registration/pin",
        language="cs",
        context={"pin": "123456"},
    )
    assert message.text.splitlines()[-1] == f"@{host} #123456"
