"""A site's day: a dose recorded over HTTP beside bare views, the list of 1,000 people, doses on all sites at once."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import cpu, doses_at_once, load, population, site_day
from tests.bench.site_day import Country, Waiting
from tests.bench.turns import Rounds, Turn, compared, line, rounds, spread, turn
from vaccination.models import Dose

if TYPE_CHECKING:
    from tests.bench.sides import Side, Sides

# Doses of a turn over HTTP, by as many desks.
DESKS = 40
A_TURN = DESKS * site_day.DOSES_OF_A_VIAL
CSRF = "b" * 32
# Of the time; the list of the day takes the rest.
PART_OF_DOSES = 0.6
PEOPLE_OF_A_DAY = 1000
LISTS_OF_A_TURN = 8
CLIENTS = 4
MOST_QUERIES = 12
PROCESSES = 4
# People at each station when all sites work at once.
DOSES_EVERYWHERE = 2
# PostgreSQL counts a deadlock a moment after it happened.
SECONDS_UNTIL_COUNTED = 1.5


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Take the three in turn with their yardsticks. Every answer and every dose written is counted."""
    country = Country()
    return {
        **_over_http(sides, country, seconds * PART_OF_DOSES, say),
        **_lists(sides, country, seconds * (1 - PART_OF_DOSES), say),
        **_everywhere(sides, country, say),
    }


# --- a dose over HTTP ---------------------------------------------------------------------------


def _over_http(sides: Sides, country: Country, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    desks = [site_day.log_in(desk) for desk in country.desks[:DESKS]]
    taken = Rounds()
    for number in rounds(seconds):
        waiting = country.waiting(desks)
        population.take_over()
        turns: dict[str, Callable[[], Turn]] = {
            "dose, crs": partial(_crs, sides, waiting),
            **_yardsticks(sides, waiting),
        }
        taken.take(number, turns)
        if number < 0:
            population.analyse()
    figures: dict[str, object] = {name: taken.costs(name) for name in taken.names}
    for name in taken.names:
        say(line(name, taken.costs(name)))
    # A speed is the inverse of what one piece of work takes.
    for yardstick in _yardsticks(sides, ()):
        ratio, name = taken.ratio(yardstick, "dose, crs"), f"dose, crs / {yardstick.removeprefix('dose, ')}"
        say(compared(name, ratio))
        figures[name] = ratio.figures
    queries = _count_queries(partial(_post, country.waiting(desks[:1])[0]))
    say(f"{'dose, crs':30} {queries} queries")
    return {**figures, "dose, queries": queries}


def _yardsticks(sides: Sides, waiting: Sequence[Waiting]) -> dict[str, Callable[[], Turn]]:
    """The same writes by plain statements, and by Django's ORM."""
    return {
        "dose, bare view": partial(_bare, sides.bare, "bare", waiting),
        "dose, bare view by ORM": partial(_bare, sides.orm, "orm", waiting),
    }


def _crs(sides: Sides, waiting: Sequence[Waiting]) -> Turn:
    requests = [
        load.request(
            "POST",
            _address(one),
            port=sides.crs.port,
            cookies={"crs_session": one.desk.session, "csrftoken": CSRF},
            form=_form(one),
        )
        for one in waiting
    ]
    with _written("public", len(waiting)):
        return sides.crs.answer(requests, clients=load.CLIENTS, status=302)


def _bare(side: Side, schema: str, waiting: Sequence[Waiting]) -> Turn:
    requests = [
        load.request(
            "POST",
            "/dose/",
            port=side.port,
            cookies={},
            form={
                "key": uuid4(),
                "session": one.desk.session,
                "by": one.desk.doctor.user_id,
                "doctor": one.desk.doctor.pk,
                "site": one.desk.site.pk,
                "store": one.desk.store.pk,
                "item": one.vial.item_id,
                "batch": one.vial.item.batch_id,
                "vial": one.vial.pk,
                "visit": one.visit.pk,
                "appointment": one.visit.appointment_id,
                "registration": one.visit.registration_id,
                "person": one.visit.registration.person_id,
            },
        )
        for one in waiting
    ]
    with _written(schema, len(waiting)):
        return side.answer(requests, clients=load.CLIENTS, status=302)


def _post(one: Waiting) -> int:
    client = Client(headers={"host": "localhost"})
    client.cookies["crs_session"] = one.desk.session
    return client.post(_address(one), _form(one)).status_code


def _address(one: Waiting) -> str:
    return f"/ockovani/{one.desk.site.pk}/navstevy/{one.visit.pk}/ockovani/"


def _form(one: Waiting) -> dict[str, object]:
    """What the page sends where nobody changes anything."""
    return {
        "csrfmiddlewaretoken": CSRF,
        "form_key": uuid4(),
        "vial": one.vial.pk,
        "number": 1,
        "where": Dose.Where.LEFT_ARM,
        "doctor": one.desk.doctor.pk,
        "given_by": one.desk.doctor.pk,
        "given_at": "",
        "other_vial": "",
    }


@contextmanager
def _written(schema: str, count: int) -> Iterator[None]:
    """End the bench unless the block writes `count` doses and takes them from vials and from the stock."""
    before = _count(schema)
    yield
    after = _count(schema)
    if (more := [now - then for now, then in zip(after, before, strict=True)]) != [count, count, -count]:
        raise SystemExit(f"doses, doses of vials, doses in stock changed by {more} in {schema}, expected {count}")


def _count(schema: str) -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT (SELECT count(*) FROM {schema}.vaccination_dose),
                (SELECT coalesce(sum(given), 0) FROM {schema}.vaccination_vialsession),
                (SELECT coalesce(sum(quantity), 0) FROM {schema}.logistics_stockbalance)"""  # noqa: S608
        )
        doses, given, held = cursor.fetchone()
        return int(doses), int(given), int(held)


# --- the list of a day --------------------------------------------------------------------------


def _lists(sides: Sides, country: Country, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """The page of today with 1,000 people, in turn with the bare page."""
    desk = site_day.log_in(country.desks[-1])
    country.fill_day(desk.site, PEOPLE_OF_A_DAY)
    path = f"/ockovani/{desk.site.pk}/"
    requests = [load.request("GET", path, port=sides.crs.port, cookies={"crs_session": desk.session})] * LISTS_OF_A_TURN
    taken, name = Rounds(), f"list of {PEOPLE_OF_A_DAY} people"
    for number in rounds(seconds):
        answer = partial(sides.crs.answer, requests, clients=CLIENTS, status=200)
        taken.take(number, {name: answer, "bare page": sides.bare_pages})
    client = Client(headers={"host": "localhost"})
    client.cookies["crs_session"] = desk.session
    queries = _count_queries(partial(client.get, path))
    costs, ratio = taken.costs(name), taken.ratio(name, "bare page")
    p95 = statistics.quantiles(taken.latencies(name), n=20)[18] * 1000
    say(f"{line(name, costs)}  p95 {p95:.1f} ms   {spread(ratio.cpu)} bare pages   {queries} queries")
    if queries > MOST_QUERIES:
        raise SystemExit(f"{name}: {queries} queries, at most {MOST_QUERIES} are allowed")
    return {name: {**costs, "p95 ms": p95, "queries": queries, "bare pages": ratio.figures}}


def _count_queries(request: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        request()
    return len(captured)


# --- doses on all sites at once -----------------------------------------------------------------


def _everywhere(sides: Sides, country: Country, say: Callable[[str], None]) -> dict[str, object]:
    """The operation without HTTP on all sites, at both stations of each, by a few processes with two threads each."""
    waiting = country.waiting(country.desks, each=DOSES_EVERYWHERE)
    population.analyse()
    keys = [(str(one.visit.pk), str(one.vial.pk), one.desk.doctor.pk) for one in waiting]
    deadlocks = _deadlocks()
    database = cpu.Servers(database=sides.database)
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=doses_at_once.begin) as pool:
        list(pool.map(doses_at_once.wait_a_moment, range(PROCESSES * 4)))
        with _written("public", len(keys)), turn(database, count=len(keys)) as measured:
            shares = list(pool.map(doses_at_once.give, [keys[at::PROCESSES] for at in range(PROCESSES)]))
    outcomes = sum((share.outcomes for share in shares), Counter[str]())
    python = sum(share.cpu for share in shares)
    measured.cpu = {"python": python, **measured.cpu}
    measured.wall = max(share.ended for share in shares) - min(share.began for share in shares)
    more = _deadlocks() - deadlocks
    rate = len(keys) / measured.wall
    name = f"doses on {site_day.SITES} sites"
    say(
        f"{name:30} {rate:.0f} a second   cpu {measured.cpu_ms():.2f} ms (python {measured.cpu_ms('python'):.2f}  "
        f"database {measured.cpu_ms('database'):.2f})   {dict(outcomes)}   {more} deadlocks"
    )
    if more or set(outcomes) != {"recorded"}:
        raise SystemExit(f"{name}: {more} deadlocks, {dict(outcomes)}")
    figures = {"cpu ms": measured.cpu_ms(), "cpu ms of database": measured.cpu_ms("database")}
    return {name: {**figures, "a second": rate, "outcomes": dict(outcomes), "deadlocks": more}}


def _deadlocks() -> int:
    time.sleep(SECONDS_UNTIL_COUNTED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
