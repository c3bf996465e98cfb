"""No log line holds a person's number or address, whichever process writes it; a refusal writes one line."""

import io
import logging
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date

import phonenumbers
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.test import Client
from django.urls import reverse
from hypothesis import assume, example, given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from crs.errors import DomainError
from crs.logging import HidePersonalNumbers, hidden
from registration.people import insured_number
from registration.telephones import phone
from registration.telephones.forms import PinForm
from reservation.inviting import pin2
from tests.pages import log_in

# What a worker does when it starts, and what it writes when a task fails.
WORKER = """
import logging, django
from crs.celery import app
django.setup()
app.log.setup_logging_subsystem(loglevel="WARNING")
logging.getLogger("celery.app.trace").info("too quiet for this level")
try:
    raise ValueError("in the traceback 8556201236")
except ValueError:
    logging.getLogger("celery.app.trace").exception("in the text %s", "385512/123")
for name in ("twilio.http_client", "urllib3", "_granian", "granian.access", "django.request"):
    person = {"to": "+420601234567", "who": "Jana@Seznam.CZ"}
    logging.getLogger(name).error("%s writes %r", name, person, stack_info=True)
"""

BETWEEN = [
    "",
    "",
    " ",
    "-",
    "/",
    ".",
    "(",
    ")",
    "\N{NO-BREAK SPACE}",
    "\N{THIN SPACE}",
    "\t",
    "\n",
    "\N{EN DASH}",
    "  ",
]
WIDE = {ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}


def test_a_worker_hides_people_as_the_web_does() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True, timeout=60
    )
    assert "in the text [hidden]" in done.stderr
    assert "in the traceback [hidden]" in done.stderr
    assert "django.request writes {'to': '[hidden]', 'who': [hidden]'}" in done.stderr
    assert done.stderr.count("writes {") == 5
    for secret in ("385512", "8556201236", "601234567", "seznam", "too quiet"):
        assert secret not in (done.stderr + done.stdout).replace(WORKER, "").lower()


@st.composite
def spelt(draw: st.DrawFn, numbers: st.SearchStrategy[str]) -> str:
    """The digits with anything between them, perhaps in full width."""
    digits = draw(numbers)
    between = draw(st.lists(st.sampled_from(BETWEEN), min_size=len(digits), max_size=len(digits)))
    text = "".join(digit + gap for digit, gap in zip(digits, between, strict=True)).rstrip()
    return text.translate(WIDE) if draw(st.booleans()) else text


def _with_check(first_nine: str) -> str:
    return first_nine + str(int(first_nine) % 11 % 10)


TELEPHONES = st.builds(
    "{}{}{:06}".format,
    st.sampled_from(["", "+420", "00420", "420"]),
    st.sampled_from(["601", "608", "724", "777"]),
    st.integers(0, 999_999),
)
DAYS = st.dates(date(1920, 1, 1), date(1953, 12, 31)).map("{:%y%m%d}".format)
NINE = st.builds("{}{:03}".format, DAYS, st.integers(1, 999))
TEN = st.builds(
    "{}{:03}".format, st.dates(date(1954, 1, 1), date(1999, 12, 31)).map("{:%y%m%d}".format), st.integers(1, 999)
)
PINS = st.from_regex(r"[0-9]{6}([0-9]{2})?", fullmatch=True)


def is_accepted(text: str) -> bool:
    """Whether a form takes it for a telephone, an insured person's number, a PIN or PIN2."""
    for parse in (phone.parse, lambda text: insured_number.parse(text, today=date(2026, 11, 25)), pin2.parse):
        try:
            parse(text)
        except DomainError:
            continue
        return True
    return PinForm({"pin": text}).is_valid()


@given(
    spelt(TELEPHONES | NINE | TEN.map(_with_check) | PINS) | NINE | TEN.map(_with_check),
    st.sampled_from(["{} was typed", "{!r}", "a={}&b", "x({})", "{!a}"]),
)
@example("60.1234567", "{}")
@example("60.123.45.67", "{}")
@example("1234 5678", "PIN2 {}")
@example("1 2-3 4 5 6", "{!r}")
@example("601000000–", "{!a}")
@example("385 512 042", 'the field "insured_number" {}')
def test_no_number_that_a_form_accepts_stands_in_a_line(typed: str, line: str) -> None:
    assume(is_accepted(typed))
    shown = hidden(line.format(typed))
    # What `ascii` spells by a number counts as what it stands for: a dash after the last digit is no number.
    plain = re.sub(r"\\(?:u|x)([0-9a-f]{4}|[0-9a-f]{2})", lambda found: chr(int(found[1], 16)), shown)
    assert not re.search(r"[0-9]", unicodedata.normalize("NFKC", plain))
    assert hidden(shown) == shown


def test_no_foreign_telephone_stands_in_a_line() -> None:
    formats = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL)
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        if number is None:
            continue
        for written in (phonenumbers.format_number(number, form) for form in formats):
            for typed in (written, written.replace("+", "00"), written.replace("+", "%2B").replace(" ", "%20")):
                assert not re.search(r"\d", hidden(f"to {typed}.").replace("%2B", "")), typed


@given(
    st.one_of(
        st.emails(),
        st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}@[a-zěščř0-9]{1,9}\.(cz|česko)", fullmatch=True),
        st.from_regex(r'"[a-z!#-\[]{1,9}(\\[ a-z"])?"@[a-z]{1,9}\.cz', fullmatch=True),
        st.sampled_from(
            ["jana@localhost", "jana@[127.0.0.1]", "jana@[IPv6:2001:db8::1]", "jana@seznam\N{IDEOGRAPHIC FULL STOP}cz"]
        ),
    ),
    st.sampled_from(["{} was typed", "<{}>", "a {}", "{!r}", "{!a}", "mail={}"]),
    st.booleans(),
)
def test_no_e_mail_that_a_form_accepts_stands_in_a_line(typed: str, line: str, is_loud: bool) -> None:
    typed = typed.upper() if is_loud else typed
    try:
        validate_email(typed)
    except ValidationError:
        assume(False)
    shown = hidden(line.format(typed))
    local, _at, domain = typed.rpartition("@")
    assert "[hidden]" in shown
    assert "@" not in shown
    for part in (local, domain):
        assert len(part) < 6 or part not in shown
    assert hidden(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        "Message #1234567 (registration/pin) failed: Twilio 30003 (HTTP 400): undelivered",
        "2026-11-25 18:30:28,123 listening on 127.0.0.1:8000",
        "2026-11-25T18:30:28.123456+00:00 192.168.100.200:52341",
        '"GET /rezervace/2026/11/25/ HTTP/1.1" 404 17934',
        "Task messaging.sweep[6b1b2f7e-3c1f-4f0e-9f57-0a3c3c1d2e11] succeeded in 0.012345678s: None",
        "celery@worker-1 ready, SM0123456789abcdef0123456789abcdef, <object at 0x7f1234567890>",
        "Cap on SMS with PINs reached: prefix +420 601 234, 200 in 1 h",
    ],
)
def test_what_is_nobodys_stays(line: str) -> None:
    assert hidden(line) == line


def test_a_row_that_the_database_shows_with_an_error_is_hidden_as_a_whole() -> None:
    error = 'new row for relation "registration_person" violates check constraint "person_can_be_found"\n'
    row = "DETAIL:  Failing row contains (15, Marie, Dvořáková, two\nlines).\n"
    said = f"{error}{row}CONTEXT: SQL statement\n\nThe above exception\n{error}{row}\nDuring handling\n{error}{row}"
    kept = f"{error}DETAIL: [hidden]\n"
    assert hidden(said) == f"{kept}CONTEXT: SQL statement\n\nThe above exception\n{kept}\nDuring handling\n{kept[:-1]}"


def test_no_token_of_a_personal_link_stands_in_a_line() -> None:
    shown = hidden("Internal Server Error: /o/ABCDEFGHJKLMNPQR/ and '/o/ABCDEFGHJKLMNPQR'")
    assert shown == "Internal Server Error: /o/[hidden]/ and '/o/[hidden]'"


def test_what_stands_in_extra_or_does_not_fit_its_arguments_is_hidden_too() -> None:
    record = logging.LogRecord("crs", logging.INFO, __file__, 1, "%d people at %s", ("601234567", "x"), None)
    record.__dict__["data"] = {"args": ["601 234 567", 5]}
    assert HidePersonalNumbers().filter(record)
    assert record.getMessage() == "%d people at %s ('[hidden]', 'x')"
    assert record.__dict__["data"] == {"args": ["[hidden]", 5]}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What Django's handler writes."""
    handler = logging.getLogger("django").handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before or sys.stderr)


@pytest.mark.django_db
@pytest.mark.parametrize("refused", ["no rights", "no token", "no page", "no such host", "too many fields"])
def test_a_refusal_writes_one_line(client: Client, written: io.StringIO, refused: str) -> None:
    log_in(client, User.objects.create_user("nikdo", is_staff=True))
    strict = Client(enforce_csrf_checks=True)
    home = reverse("home")
    written.truncate(0)
    written.seek(0)
    status = {
        "no rights": lambda: client.get(reverse("admin:logistics_region_changelist")),
        "no token": lambda: strict.post("/registrace/", {"phone": "601234567"}),
        "no page": lambda: client.get("/nikde/601234567/"),
        "no such host": lambda: client.get(home, headers={"Host": "a@b.cz\n601234567"}),
        "too many fields": lambda: client.post("/registrace/", {f"field{number}": "x" for number in range(1001)}),
    }[refused]().status_code
    assert status == {"no rights": 403, "no token": 403, "no page": 404, "too many fields": 413}.get(refused, 400)
    lines = written.getvalue().splitlines()
    assert len(lines) == 1, lines
    assert "601234567" not in lines[0]
