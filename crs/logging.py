"""Keeps people out of every log line: telephones, birth numbers, PINs and e-mails, in every spelling that forms accept.

So are the tokens of personal links.

What PostgreSQL shows of a row that it refuses goes as a whole, because names stand in it.

Rather too much is hidden than too little. These stay: numbers of up to five digits (ports, statuses), keys as our own
lines write them (`message #1234567`), dates and times as ISO writes them, decimals, IPv4 addresses, UUIDs and other
identifiers in hexadecimal, and the first six digits of a Czech telephone, which stand for a thousand numbers.
"""

import logging
import re
import unicodedata
from typing import Any

import phonenumbers

HIDDEN = "[hidden]"

# Between two digits of one number: spaces of all kinds, dashes, slashes, dots and brackets, what cannot be seen, and
# all that as `repr` and addresses (`%20`) spell it.
_BETWEEN = (
    r"(?:[\s()/.+\-\u2010-\u2015\u2212\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
    r"|%2[089BF]|%C2%A0|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\[tnrfv])"
)
_NUMBERS = re.compile(
    rf"""
    (?P<harmless>
        \b[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b
      | \b(?:[a-z]{{2}})?(?=[0-9]*[a-f])[0-9a-f]{{24,}}\b
      | \b0x[0-9a-f]+
      | (?<=\w[ ])\#[0-9]{{1,19}}\b
      | (?<![0-9])(?:19|20|21)[0-9]{{2}}([-/])[0-9]{{2}}\2[0-9]{{2}}
            (?:[ T][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?(?![0-9])
      | (?<![0-9])(?:[0-9]{{1,3}}:)?[0-9]{{1,2}}:[0-5][0-9](?:[.,][0-9]+)?(?![0-9])
      | \+420\ [0-9]{{3}}\ [0-9]{{3}}(?!{_BETWEEN}{{0,20}}[0-9])
      | (?<=HTTP/1\.[01]"[ ])[1-5][0-9]{{2}}(?=\s|$)
    )
    | [+(]* [0-9] (?:{_BETWEEN}{{0,20}}[0-9]){{5,}}
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Digits in full width, as Django and `ascii` spell them.
_ESCAPED_DIGIT = re.compile(r"\\uff1([0-9])")
_DECIMAL_OR_IPV4 = re.compile(
    r"[0-9]+\.[0-9]+|(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?:\.|(?=/|$))){4}(?:/[0-9]{1,2})?"
)

# The beginning of a word up to the at-sign, or a name in quotes; then a domain with a dot, or one in brackets.
_EMAIL = re.compile(
    r"""
    (?: (?<![^\s"<>(),;:\[\]]) [^\s"<>(),;:\[\]@]{1,320} | "(?:\\.|[^"\\]){0,320}" )
    (?:@|%40)
    (?: \[[^\]\s]{1,80}\] | localhost\b | [^\s@<>()\[\],;:"'/]* (?:[.。]|\\u3002) [^\s@<>()\[\],;:"'/]* )
    """,
    re.VERBOSE | re.IGNORECASE,
)

# The token of a personal link, which opens one page of one person.
_TOKEN = re.compile(r"/o/[^/\s?\"']{8,}")

# The row that PostgreSQL refused, or the key that is there already, up to what follows in the error or the traceback.
_ROW = re.compile(r"\bDETAIL:.*?(?=\n(?:HINT|CONTEXT|QUERY|LINE \d+):|\n\n(?:The above|During handling)|\Z)", re.DOTALL)

_USUAL = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def hidden(text: str) -> str:
    """`text` with `[hidden]` in the place of whatever may be a person's number or address."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = _ESCAPED_DIGIT.sub(r"\1", plain)
    if "DETAIL:" in plain:
        plain = _ROW.sub(f"DETAIL: {HIDDEN}", plain)
    if "@" in plain or "%40" in plain:
        plain = _EMAIL.sub(HIDDEN, plain)
    if "/o/" in plain:
        plain = _TOKEN.sub(f"/o/{HIDDEN}", plain)
    return _NUMBERS.sub(_without_person, plain)


class HidePersonalNumbers(logging.Filter):
    """Hides people in the text, in the traceback, in the stack and in what stands in `extra`."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always lets it through."""
        record.msg, record.args = hidden(_message(record)), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        for name in ("exc_text", "stack_info", *(record.__dict__.keys() - _USUAL)):
            setattr(record, name, _hidden_within(getattr(record, name)))
        return True


class OneLineForRefusals(logging.Filter):
    """A refused request (403, 404, 400 …) writes one line: where in Django it was refused helps nobody."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the traceback from the record; always lets it through."""
        status = getattr(record, "status_code", None)
        if isinstance(status, int) and 400 <= status < 500:
            record.msg, record.args = " ".join(_message(record).split()), None
            record.exc_info = record.exc_text = record.stack_info = None
        return True


def _without_person(found: re.Match[str]) -> str:
    number = found[0]
    if found["harmless"] or (_DECIMAL_OR_IPV4.fullmatch(number) and not _is_telephone(number)):
        return number
    return HIDDEN


def _is_telephone(number: str) -> bool:
    """Whether forms would take it for one: they accept dots between the digits."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, "CZ"))
    except phonenumbers.NumberParseException:
        return False


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # the text does not fit its arguments; logging must not fail
        return f"{record.msg} {record.args!r}"


def _hidden_within(value: Any) -> Any:
    """`value` with every text in it hidden; what is no text, list or dict stays."""
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, dict):
        return {key: _hidden_within(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden_within(one) for one in value]
    return value
