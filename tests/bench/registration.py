"""The form and its POST beside a bare form view with the same writes; then as many people as the time allows.

A browser with a proven telephone asks for the form once and sends it once. What leads to it, and the SMS that goes out,
are in the section `walk`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration.applying import reviewing
from registration.models import PhoneVerification
from registration.telephones import draft
from tests.bench import load, population
from tests.bench.turns import Rounds, Turn, compared, line, rounds

if TYPE_CHECKING:
    from tests.bench.sides import Side, Sides

A_TURN = 40
CSRF = "b" * 32
FORM, REVIEW, BARE_FORM = "/registrace/formular/", "/registrace/kontrola/", "/registration/"
# Of the time, and no more seconds than this; the crowd has its own.
PART_OF_ROUNDS, MOST_SECONDS_OF_ROUNDS = 0.75, 60.0
# 10,000 people in 400 seconds.
PEOPLE_A_SECOND = 25
PEOPLE_AT_ONCE = 500
# What a registration writes, with the rows for one: an SMS and an e-mail.
WRITTEN = {
    "registration_registration": 1,
    "registration_registrationevent": 1,
    "registration_person": 1,
    "messaging_message": 2,
    "crs_sentform": 1,
}
LOST = """
SELECT count(*) FILTER (WHERE found = 0), count(*) FILTER (WHERE found > 1) FROM (
    SELECT count(registration_registration.id) AS found
    FROM unnest(%s::text[]) AS asked LEFT JOIN registration_registration ON phone = asked GROUP BY asked
) AS people
"""


@dataclass(frozen=True)
class Person:
    """Somebody over 78 with a telephone of their own, proven in a session."""

    session: str
    phone: str
    insured_number: str
    email: str

    def form(self, **keys: object) -> dict[str, object]:
        """What is typed, with the keys that the page has beside it."""
        return {
            "first_name": "Božena",
            "last_name": "Šťastná",
            "insured_number": self.insured_number,
            "insurer": "111",
            "street": "Dlouhá 12",
            "city": "Brno",
            "postcode": "60200",
            "email": self.email,
            "consent": "on",
            **keys,
        }


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Let CRS and the bare view register people in turn, then CRS alone. Every answer and every row is counted."""
    taken, serial = Rounds(), 0
    for number in rounds(min(seconds * PART_OF_ROUNDS, MOST_SECONDS_OF_ROUNDS)):
        people = [_people(A_TURN, first=serial + step * A_TURN) for step in range(2)]
        serial += 2 * A_TURN
        sides_of_turn: list[tuple[str, Callable[[], tuple[Turn, Turn]]]] = [
            ("crs", partial(_crs, sides, people[0])),
            ("bare view", partial(_bare, sides, people[1])),
        ]
        for name, register in sides_of_turn[:: 1 if number % 2 else -1]:
            page, sent = register()
            taken.note(number, f"form, {name}", page)
            taken.note(number, f"form sent, {name}", sent)
            taken.note(number, f"registration, {name}", sent + page)
        if number < 0:
            population.analyse()
    figures: dict[str, object] = {name: taken.costs(name) for name in sorted(taken.names)}
    for name in sorted(taken.names):
        say(line(name, taken.costs(name)))
    # A speed is the inverse of what one piece of work takes.
    for name in ("form", "form sent", "registration"):
        ratio = taken.ratio(f"{name}, bare view", f"{name}, crs")
        figures[f"{name}, crs / bare view"] = ratio.figures
        say(compared(f"{name}, crs / bare view", ratio))
    return {**figures, **_queries(serial, say), **_crowd(sides, serial + 1, round(seconds * PEOPLE_A_SECOND), say)}


def _crs(sides: Sides, people: Sequence[Person]) -> tuple[Turn, Turn]:
    """The form and the look over it as pages, and what is sent from each of the two."""
    with _written("public", len(people)):
        page = sides.crs.answer([_request(sides.crs, "GET", one) for one in people], clients=load.CLIENTS, status=200)
        typed = sides.crs.answer([_request(sides.crs, "POST", one) for one in people], clients=load.CLIENTS, status=302)
        looks = [load.request("GET", REVIEW, port=sides.crs.port, cookies=_cookies(one)) for one in people]
        page += sides.crs.answer(looks, clients=load.CLIENTS, status=200)
        send = partial(load.request, "POST", REVIEW, port=sides.crs.port)
        last = [send(cookies=_cookies(one), form=_last(one)) for one in people]
        sent = typed + sides.crs.answer(last, clients=load.CLIENTS, status=302)
    return page, sent


def _request(crs: Side, method: str, one: Person) -> bytes:
    form = one.form(csrfmiddlewaretoken=CSRF) if method == "POST" else None
    return load.request(method, FORM, port=crs.port, cookies=_cookies(one), form=form)


def _cookies(one: Person) -> dict[str, str]:
    return {"crs_session": one.session, "csrftoken": CSRF}


def _last(one: Person) -> dict[str, object]:
    """What the look over the form sends: the digest of what it showed, and the consent."""
    typed: dict[str, Any] = dict.fromkeys(draft.FIELDS, "") | one.form()
    shown: dict[str, Any] = {name: str(typed[name]) for name in draft.FIELDS} | {draft.LIST_FIELD: []}
    return {"seen": reviewing.digest(shown), "consent": "on", "csrfmiddlewaretoken": CSRF, "form_key": uuid4()}


def _bare(sides: Sides, people: Sequence[Person]) -> tuple[Turn, Turn]:
    form = load.request("GET", BARE_FORM, port=sides.orm.port, cookies={})
    forms = [
        load.request(
            "POST",
            BARE_FORM,
            port=sides.orm.port,
            cookies={},
            form=one.form(key=uuid4(), session=one.session, phone=one.phone, birth_date="1938-05-17"),
        )
        for one in people
    ]
    population.take_over()
    with _written("orm", len(people)):
        page = sides.orm.answer([form] * len(people), clients=load.CLIENTS, status=200)
        sent = sides.orm.answer(forms, clients=load.CLIENTS, status=302)
    return page, sent


def _queries(serial: int, say: Callable[[str], None]) -> dict[str, object]:
    (one,) = _people(1, first=serial)
    client = Client(headers={"host": "localhost"})
    client.cookies["crs_session"] = one.session
    client.get("/")
    with CaptureQueriesContext(connection) as page:
        client.get(FORM)
    with CaptureQueriesContext(connection) as sent:
        client.post(FORM, one.form())
        client.post(REVIEW, {**_last(one), "form_key": uuid4()})
    say(f"{'registration, crs':30} {len(page)} queries of the form, {len(sent)} of its POST")
    return {"form, queries": len(page), "form sent, queries": len(sent)}


# --- many people --------------------------------------------------------------------------------


def _crowd(sides: Sides, serial: int, count: int, say: Callable[[str], None]) -> dict[str, object]:
    """Let `count` people register, 32 at any moment. Ends the bench at an error, and where one is lost."""
    spent, phones = Turn(0), list[str]()
    began = time.monotonic()
    for first in range(0, count, PEOPLE_AT_ONCE):
        people = _people(min(PEOPLE_AT_ONCE, count - first), first=serial + first)
        page, sent = _crs(sides, people)
        both = sent + page
        spent = Turn(
            spent.count + both.count,
            {server: spent.cpu.get(server, 0.0) + used for server, used in both.cpu.items()},
            spent.wall + both.wall,
        )
        phones += [one.phone for one in people]
    with connection.cursor() as cursor:
        cursor.execute(LOST, [phones])
        lost, doubled = cursor.fetchone()
    if lost or doubled:
        raise SystemExit(f"of {count} people {lost} are not registered, {doubled} twice")
    say(
        f"{count} people registered, none lost, none twice: {spent.wall:.0f} s on the clock "
        f"({time.monotonic() - began:.0f} s with their sessions), {count / spent.wall:.0f} a second, "
        f"cpu {spent.cpu_ms():.1f} ms each"
    )
    return {"crowd": {"people": count, "seconds": spent.wall, "cpu ms": spent.cpu_ms()}}


def _people(count: int, *, first: int) -> list[Person]:
    """`count` people who are not registered, each with a session in which their telephone is proven."""
    now = timezone.now()
    proofs = PhoneVerification.objects.bulk_create(
        PhoneVerification(phone=f"+42077{serial:07}", verified_at=now) for serial in range(first, first + count)
    )
    return [
        Person(
            session=population.make_session(proven_verification_id=str(proof.pk)),
            phone=proof.phone.as_e164,
            insured_number=_insured_number(serial),
            email=f"senior{serial}@seznam.cz",
        )
        for serial, proof in enumerate(proofs, start=first)
    ]


def _insured_number(serial: int) -> str:
    """A number of nine digits, as people have who were born before 1954; no two serials have the same."""
    days, suffix = serial % 10_000, 1 + serial // 10_000
    born = date(1920, 1, 1) + timedelta(days=days)
    return f"{born:%y}{born.month + 50:02}{born:%d}{suffix:03}"


@contextmanager
def _written(schema: str, count: int) -> Iterator[None]:
    """End the bench unless the block writes the rows of `count` registrations."""
    before = _count(schema)
    yield
    after = _count(schema)
    expected = [rows * count for rows in WRITTEN.values()]
    if (more := [now - then for now, then in zip(after, before, strict=True)]) != expected:
        told = zip(more, WRITTEN, expected, strict=True)
        rows = ", ".join(f"{one} in {table} of {wanted}" for one, table, wanted in told)
        raise SystemExit(f"rows written in {schema}: {rows}")


def _count(schema: str) -> list[int]:
    counts = ", ".join(f"(SELECT count(*) FROM {schema}.{table})" for table in WRITTEN)  # noqa: S608 (our own names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        return [int(number) for number in cursor.fetchone()]
