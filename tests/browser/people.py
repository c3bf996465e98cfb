"""New people over 80, each with a valid nine-digit number and a telephone of their own."""

from dataclasses import dataclass
from itertools import count

from celery import Celery

from crs.embedded.paths import valkey_socket
from tests.stack import Stack

CZECH, ENGLISH, UKRAINIAN, VIETNAMESE = "cs", "en", "uk", "vi"

_serial = count(1)

# Registers people by the same operations as the pages do; runs in a process of the stack.
_REGISTER = """
from django.utils import timezone
from registration.people.insured_number import parse
from registration.applying.registering import Details, register
from registration.people.persons import PersonDetails
for line in {lines!r}:
    first, last, number, phone, language = line.split("|")
    now = timezone.now()
    insured = parse(number, today=timezone.localdate())
    person = PersonDetails(
        identity=insured, first_name=first, last_name=last, birth_date=insured.birth_date, insurer="111",
        street="Dlouhá 12", city="Brno", postcode="60200",
    )
    details = Details(person=person)
    register(phone=phone, details=details, language=language, now=now)
"""


@dataclass(frozen=True)
class Person:
    """Somebody who is about to sit down at the browser."""

    first_name: str
    last_name: str
    insured_number: str  # as they would type it
    typed_phone: str  # as they would type it
    phone: str  # E.164
    email: str = ""
    language: str = CZECH
    passport: str = ""  # of whoever has no insured person's number

    @property
    def name(self) -> str:
        """First name and surname; some people have one name only."""
        return f"{self.first_name} {self.last_name}".strip()


def new_person(*, language: str = CZECH, has_email: bool = False) -> Person:
    """Somebody nobody has seen yet, born in the years 1930 to 1944."""
    serial = next(_serial)
    is_woman = serial % 2 == 1
    month = 1 + serial % 12 + (50 if is_woman else 0)
    number = f"{30 + serial % 15}{month:02}{1 + serial % 28:02}/{serial:03}"
    digits = f"601{serial:06}"
    return Person(
        first_name="Božena" if is_woman else "Jiří",
        last_name="Šťastná" if is_woman else "Příhoda",
        insured_number=number,
        typed_phone=f"{digits[:3]} {digits[3:6]} {digits[6:]}",
        phone=f"+420{digits}",
        email=f"senior{serial}@seznam.cz" if has_email else "",
        language=language,
    )


def register(stack: Stack, people: list[Person]) -> None:
    """Register people; it is not their turn yet."""
    lines = ["|".join((one.first_name, one.last_name, one.insured_number, one.phone, one.language)) for one in people]
    stack.manage("shell", "--verbosity", "0", "--command", _REGISTER.format(lines=lines))


def register_and_invite(stack: Stack, people: list[Person]) -> None:
    """Bring people as far as PIN2, for tests of what comes after it."""
    register(stack, people)
    invite_as_beat(stack)


def invite_as_staff(stack: Stack) -> None:
    """It is the turn of the next ten people: ops send PIN2 to them."""
    stack.manage("invite", "--group", "age-80", "--limit", "10")


def invite_as_beat(stack: Stack) -> None:
    """The same in the way that beat does it once a minute: a task for the stack's worker."""
    options = {"global_keyprefix": f"{stack.environment['CACHE_PREFIX']}:"}
    with Celery(broker=f"redis+socket://{valkey_socket()}", broker_transport_options=options) as beat:
        beat.send_task("reservation.invite", queue="default", ignore_result=True)
