"""Registers that are asked over HTTPS (docs/registers.md: the interface is our assumption).

One question is one POST with the number in its body: an address stands in the logs of every server on the way. All that
an answer may cost is bounded: its size, each wait, and the whole of it, whatever a server does.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import requests
from django.utils.dateparse import parse_date
from urllib3 import Retry
from urllib3.exceptions import HTTPError

from crs import typed
from crs.breaker import breaker_of
from registration.registers.asking import HealthWorker, Insured, RegisterAway, UnreadableAnswer
from registration.registers.cutting import CuttingAdapter

# In seconds: to be connected, to wait for the next bytes, and for the whole answer with all tries.
CONNECT, SILENCE, WHOLE = 3.0, 5.0, 12.0
LARGEST_ANSWER = 16 * 1024
LONGEST_TEXT = 200
_TRIED_AT_ONCE = (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
_ABOUT_ONE_QUESTION = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)

T = TypeVar("T")
Answer = dict[str, Any]


class _HttpRegister:
    """A register at an address; one thread asks it at a time."""

    def __init__(
        self, url: str, *, token: str, ca_file: str = "", silence: float = SILENCE, whole: float = WHOLE
    ) -> None:
        self._url, self._silence, self._whole = url, silence, whole
        retry = Retry(
            total=2,
            backoff_factor=0.2,
            status_forcelist=_TRIED_AT_ONCE,
            allowed_methods={"POST"},  # a question changes nothing
            respect_retry_after_header=False,  # the check waits for that, not a worker
            raise_on_status=False,
        )
        self._adapter = CuttingAdapter(max_retries=retry)
        self._session = requests.Session()
        # Neither a proxy nor a .netrc of the environment: the number goes to the register and to nobody else.
        self._session.trust_env = False
        self._session.verify = ca_file or True
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)
        self._session.headers.update(
            {"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Encoding": "identity"}
        )

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def _ask(self, number: str, read: Callable[[Answer], T]) -> T | None:
        """What `read` makes of the answer; None: the register does not know the number. Raises RegisterAway."""
        said: list[T | UnreadableAnswer | None] = []
        away = RegisterAway("it did not answer a moment ago")

        def ask() -> None:
            nonlocal away
            try:
                said.append(self._found(number, read))
            except UnreadableAnswer as error:
                said.append(error)  # the register is there; only this question was of no use
            except RegisterAway as error:
                away = error
                raise

        breaker_of(self._url).call(ask, errors=RegisterAway, otherwise=None)
        if not said:
            raise away
        if isinstance(said[0], UnreadableAnswer):
            raise said[0]
        return said[0]

    def _found(self, number: str, read: Callable[[Answer], T]) -> T | None:
        status, body = self._post(number)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            raise RegisterAway(f"HTTP {status}, and no JSON") from None
        # A wrong address answers 404 as well; only the register says whom it does not know.
        if not isinstance(answer, dict) or answer.get("number") != number:
            raise UnreadableAnswer("the answer is not about the number that was asked")
        found = answer.get("found")
        if status == HTTPStatus.NOT_FOUND and found is False:
            return None
        if status != HTTPStatus.OK or found is not True:
            raise UnreadableAnswer(f"HTTP {status}, and `found` says something else")
        try:
            return read(answer)
        except (KeyError, ValueError, OverflowError) as error:
            raise UnreadableAnswer(f"a field of the answer: {error}") from None

    def _post(self, number: str) -> tuple[int, bytes]:
        """The status, 200 or 404, and the body. Raises RegisterAway."""
        try:
            with (
                self._adapter.cut_after(self._whole),
                self._session.post(
                    self._url,
                    json={"number": number},
                    timeout=(CONNECT, self._silence),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                _require_answer(response)
                body = response.raw.read(LARGEST_ANSWER + 1, decode_content=False)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise RegisterAway(type(error).__name__) from None  # its text holds the address, and may hold more
        if len(body) > LARGEST_ANSWER:
            raise RegisterAway("the answer is too large")
        return response.status_code, body


class HttpInsurersRegister(_HttpRegister):
    """The insurers' register behind an address."""

    def look_up(self, number: str) -> Insured | None:
        """The insured person with this number. Raises RegisterAway."""
        return self._ask(
            number,
            lambda answer: Insured(
                first_name=_text(answer, "first_name"),
                last_name=_text(answer, "last_name", is_needed=True),
                birth_date=_day(answer, "birth_date"),
                insurer=_text(answer, "insurer", is_needed=True),
                insured_until=_day_or_none(answer, "insured_until"),
                died_on=_day_or_none(answer, "died_on"),
            ),
        )


class HttpHealthWorkersRegister(_HttpRegister):
    """The register of health workers behind an address."""

    def look_up(self, number: str) -> HealthWorker | None:
        """The worker with this insured person's number. Raises RegisterAway."""
        return self._ask(
            number,
            lambda answer: HealthWorker(
                worker_number=_text(answer, "worker_number", is_needed=True),
                first_name=_text(answer, "first_name"),
                last_name=_text(answer, "last_name", is_needed=True),
                profession=_text(answer, "profession", is_needed=True),
                facility=_text(answer, "facility"),
                until=_day_or_none(answer, "until"),
            ),
        )


def _require_answer(response: requests.Response) -> None:
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
        return
    if status in _ABOUT_ONE_QUESTION:
        raise UnreadableAnswer(f"HTTP {status}")
    raise RegisterAway(f"HTTP {status}", retry_after=_seconds(response.headers.get("Retry-After", "")))


def _seconds(retry_after: str) -> float | None:
    """The wait that a Retry-After asks for, in seconds or as a date; None where it says nothing."""
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)


def _text(answer: Answer, name: str, *, is_needed: bool = False) -> str:
    value = answer[name]
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError(f"`{name}` is no text, or too long")
    text = typed.plain(value)
    if is_needed and not text:
        raise ValueError(f"`{name}` is empty")
    return text


def _day_or_none(answer: Answer, name: str) -> date | None:
    return None if answer[name] is None else _day(answer, name)


def _day(answer: Answer, name: str) -> date:
    value = answer[name]
    try:
        day = parse_date(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"`{name}` is no day")
    return day
