"""The way of a citizen in processor time: to a registration, to both reserved doses, to the paper.

A browser asks for each page once, fills in its form and follows where it is led. It loads the picture of a captcha
and no other file. What the worker does for it counts too: SMS, e-mail, and the paper that goes with it.
"""

from __future__ import annotations

import re
import statistics
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from captcha.models import CaptchaStore
from django.utils import timezone

from crs.messaging import wakeup
from crs.messaging.models import Message
from tests.bench import population
from tests.bench.turns import Rounds, Turn, line, rounds, spread, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

A_TURN = 5
# Of the time; as many people as can register in it reserve and take their papers in the rest.
PART_OF_REGISTERING = 0.25
SECONDS_TO_SEND = 180
STEPS = {
    "register": "the telephone's PIN, the form, the look over it",
    "reserve": "PIN2, site, day, time, both doses",
    "paper": "PDF and calendar file",
}

# Processor milliseconds. They were set on a machine where a bare page takes 2.25; a busier one is compared by pages.
AIMS = {"register": 60.0, "reserve": 120.0, "whole walk": 400.0}
BARE_PAGE_MS = 2.25


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """Let a few people at a time go each part of the way, in turn with the bare page."""
    people: dict[int, list[_Citizen]] = {}
    taken = Rounds()

    def take(number: int, step: str) -> None:
        together = partial(_together, sides, people[number], step)
        taken.take(number, {step: together, f"bare page, {step}": sides.bare_pages})

    for number in rounds(seconds * PART_OF_REGISTERING):
        first = (number + 1) * A_TURN
        people[number] = [_Citizen(sides.stack.url, first + serial) for serial in range(A_TURN)]
        take(number, "register")
    _invite(sides, sum(map(len, people.values())))
    for step in ("reserve", "paper"):
        population.analyse()
        for number in people:
            take(number, step)
    figures: dict[str, object] = {}
    for step, what in STEPS.items():
        costs, ratio = taken.costs(step), taken.ratio(step, f"bare page, {step}")
        figures[f"walk, {step}"] = {**costs, "bare pages": ratio.figures}
        say(f"{line(step, costs)}   {spread(ratio.cpu)} bare pages: {what}")
    citizen = _per_citizen(taken)
    parts = (
        f"{name} {cost['cpu ms']:.0f} ms, {cost['bare pages']:.1f} bare pages{_aim(name)}"
        for name, cost in citizen.items()
    )
    say(f"CPU per citizen: {'; '.join(parts)}")
    return {**figures, "CPU per citizen": citizen}


def _per_citizen(taken: Rounds) -> dict[str, dict[str, float]]:
    """Each step and all of them: processor milliseconds, bare pages, and the aim in both."""
    costs = {
        step: (taken.median(step, Turn.cpu_ms), statistics.median(taken.ratio(step, f"bare page, {step}").cpu))
        for step in STEPS
    }
    costs["whole walk"] = (sum(ms for ms, _ in costs.values()), sum(pages for _, pages in costs.values()))
    return {
        name: {"cpu ms": ms, "bare pages": pages}
        | ({"aim ms": AIMS[name], "aim bare pages": AIMS[name] / BARE_PAGE_MS} if name in AIMS else {})
        for name, (ms, pages) in costs.items()
    }


def _aim(name: str) -> str:
    return f" (aim {AIMS[name]:.0f} ms, {AIMS[name] / BARE_PAGE_MS:.1f})" if name in AIMS else ""


def _together(sides: Sides, people: Sequence[_Citizen], step: str) -> Turn:
    with turn(sides.whole, count=len(people)) as measured:
        for citizen in people:
            getattr(citizen, step)()
        _wait_for_messages()
    return measured


def _invite(sides: Sides, people: int) -> None:
    sides.stack.manage("invite", "--group", "age-80", "--limit", str(people))
    # At night PIN2 waits for the morning; the bench does not.
    Message.objects.filter(state=Message.State.QUEUED).update(due_at=timezone.now())
    for channel in (Message.Channel.SMS, Message.Channel.EMAIL):
        wakeup.wake(channel)
    _wait_for_messages()


def _wait_for_messages() -> None:
    """Until the worker has sent all there is to send."""
    waiting = Message.objects.exclude(state__in=[Message.State.SENT, Message.State.DELIVERED])
    deadline = time.monotonic() + SECONDS_TO_SEND
    while waiting.exists():
        if time.monotonic() > deadline:
            raise SystemExit(f"messages are not sent: {list(waiting.values_list('template', 'state', 'error')[:5])}")
        time.sleep(0.05)


class _Citizen:
    """A person over 80 at a browser of their own."""

    def __init__(self, url: str, serial: int) -> None:
        self._url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._page = self._path = ""
        self._digits = f"77{serial:04}000"  # no two of the same thousand, which has a cap of its own
        woman = serial % 2
        month = 1 + serial % 12 + 50 * woman
        self._number = f"{30 + serial % 15}{month:02}{1 + serial % 28:02}/{1 + serial:03}"
        self._last_name = "Šťastná" if woman else "Příhoda"
        self._email = f"senior{serial}@seznam.cz"

    def register(self) -> None:
        """Steps 1 to 4."""
        self._open("/")
        self._open("/registrace/")
        self._send(phone=self._digits, captcha_1=self._captcha_answer())
        self._send(pin=self._pin("registration/pin"))
        self._send(
            first_name="Božena",
            last_name=self._last_name,
            insured_number=self._number,
            insurer="111",
            street="Dlouhá 12",
            city="Brno",
            postcode="60200",
            email=self._email,
        )
        self._send(consent="on")  # the look over all that was typed
        self._expect("/registrace/konec/")

    def reserve(self) -> None:
        """Steps 5 to 7."""
        self._open("/rezervace/")
        self._send(phone=self._digits, pin2=self._pin("reservation/invitation"))
        self._open(self._link(r"/rezervace/misto/[0-9a-f-]{36}/"))
        self._open(self._link(r"/rezervace/misto/[0-9a-f-]{36}/\d{4}-\d\d-\d\d/"))
        self._send(slot=self._found(r'name="slot"\s+value="(\d+)"'))
        self._send(captcha_1=self._captcha_answer())
        self._expect("/rezervace/potvrzeni.pdf")

    def paper(self) -> None:
        """The paper and the entry for the calendar."""
        self._open("/rezervace/potvrzeni.pdf")
        self._open("/rezervace/terminy.ics")

    def _open(self, path: str, data: bytes | None = None) -> None:
        with self._opener.open(self._url + path, data, timeout=60) as answer:
            self._page = answer.read().decode(errors="replace")
            self._path = answer.url.removeprefix(self._url)
        for picture in re.findall(r'<img[^>]* src="(/captcha/[^"]+)"', self._page):
            with self._opener.open(self._url + picture, timeout=60) as answer:
                answer.read()

    def _send(self, **typed: str) -> None:
        """Fill in the form of the page that has these fields, and send it."""
        reader = _Forms()
        reader.feed(self._page)
        form = next((one for one in reader.forms if typed.keys() <= one.fields.keys()), None)
        if form is None:
            raise SystemExit(f"{self._path}: no form with {', '.join(typed)}")
        self._open(form.action or self._path, urlencode({**form.hidden, **typed}).encode())

    def _captcha_answer(self) -> str:
        key = self._found(r'name="captcha_0" value="(\w+)"')
        return str(CaptchaStore.objects.get(hashkey=key).response)

    def _pin(self, template: str) -> str:
        message = Message.objects.filter(recipient=f"+420{self._digits}", template=template).latest("pk")
        pin = re.search(r"\b(\d{6}|\d{4} \d{4})\b", message.text)
        assert pin, message.template
        return pin[1]

    def _link(self, pattern: str) -> str:
        return self._found(rf'href="({pattern})"')

    def _expect(self, text: str) -> None:
        self._found(f"({re.escape(text)})")

    def _found(self, pattern: str) -> str:
        found = re.search(pattern, self._page)
        if found is None:
            raise SystemExit(f"{self._path}: nothing like {pattern} on the page")
        return found[1]


@dataclass
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page, with what they send unseen."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(given.get("action", "")))
        elif self.forms and tag in {"input", "select", "button"} and "name" in given:
            form = self.forms[-1]
            form.fields[given["name"]] = given.get("value", "")
            if given.get("type") == "hidden":
                form.hidden[given["name"]] = given.get("value", "")
