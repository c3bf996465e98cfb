"""The code on a pack of vaccine (GS1 DataMatrix), as scanners and people deliver its text.

The fields are (01) GTIN, (17) expiry, (10) batch and (21) serial number. A field of variable length ends with the
separator GS (0x1D). Scanners type into a form as keyboards do: some send the separator, some replace it, some drop it,
and some type on a Czech or Slovak keyboard. A code may also be a web address that holds these fields (GS1 Digital
Link). A text that leaves no doubt is read; any other is refused in words that say what to do.

Texts without separators are read too, and on purpose. Some scanners and telephones drop FNC1 until somebody sets them
up (github.com/jodal/biip/issues/137 has such a text), and a keeper in front of a delivery cannot do that. Many of these
texts can be cut in one way only. Where a text cannot, `AmbiguousScan` says how to set the scanner.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import unquote

from biip import ParseError
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message

from crs import keyboards
from logistics.models.vaccines import BATCH_NUMBER
from logistics.vaccines.errors import (
    AmbiguousScan,
    ImpossibleExpiry,
    UnreadableLink,
    UnreadableScan,
    WrongBatch,
    WrongGtin,
    WrongKeyboard,
)

_GS = "\x1d"
_LONGEST, _LONGEST_LINK = 200, 500
# The names of FNC1 that scanners can be set to write. Then the signs that no field of GS1 may hold (GS1 General
# Specifications, character set 82): such a sign can only be a separator.
_NAMED_SEPARATOR = re.compile(r"[<{\[](?:GS|FNC1)[>}\]]|\\x1d|\\u001d|\^\]|␝", re.IGNORECASE)
_FOREIGN_SIGN = re.compile(r"[^!\"%-?A-Z_a-z]")
_SYMBOLOGY = re.compile(r"\](?:d2|C1|Q3|e0|J1)", re.IGNORECASE)
_BRACKETED = re.compile(r"(?:\(\d{2,4}\)[^()]+)+")
# With or without its scheme; the product stands in the path, by its number or (in older ones) by its name.
_LINK = re.compile(r"(?:https?:/*)?[^/?#\s]+(?P<path>/\S*)?", re.IGNORECASE)
_PRODUCT = re.compile(r"/(?:01|gtin)/\d{8,14}(?![^/?#])", re.IGNORECASE)
_OLD_NAMES = {"gtin": "01", "lot": "10", "ser": "21"}
# How any code of a pack begins.
_BEGINNING = re.compile(r"\(\d{2,4}\)|\]\w\w|01\d{14}|https?:", re.IGNORECASE | re.ASCII)

# The fields on packs of medicines (EU 2016/161, GS1 for healthcare): application identifier and pattern.
# A serial number must not be guessed with a chance over 1 : 10 000 (article 4), so it has at least 4 characters.
_ON_PACKS = {
    "01": r"\d{14}",
    "10": r"[!\"%-?A-Z_a-z]{1,20}",
    "11": r"\d{6}",
    "17": r"\d{6}",
    "21": r".{4,20}",
    **{f"71{country}": r".{1,20}" for country in range(7)},  # national numbers
}
_MANY = 100

_Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Scan:
    """The fields of a code, empty where it has none. `gtin` has 14 digits, `batch` is in capitals."""

    gtin: str = ""
    batch: str = ""
    expires_on: date | None = None
    serial: str = ""


def read(text: str) -> Scan:
    """The fields in the scanned or typed `text` of a code, where it leaves no doubt.

    Day 00 of the expiry is the last day of the month. Raises UnreadableScan, and as its kinds: WrongGtin,
    ImpossibleExpiry, WrongBatch, WrongKeyboard, and AmbiguousScan where the separators were lost on the way.
    """
    found = readings(text)
    if len(found) > 1:
        raise AmbiguousScan
    return found[0]


def readings(text: str) -> tuple[Scan, ...]:
    """The readings of `text`: one, or several where the separators were lost. Raises as `read`."""
    text = _from_other_keyboard(text.strip(" \t\r\n"))
    if is_link(text):
        return (_linked(text),)
    if len(text) > _LONGEST:
        raise UnreadableScan
    if text.startswith("("):
        return (_bracketed(text),)
    text, has_mark = _unmarked(text)
    text = _FOREIGN_SIGN.sub(_GS, _NAMED_SEPARATOR.sub(_GS, text)).rstrip(_GS)
    if not (has_mark or _GS in text or re.match(r"01\d{14}", text)):
        raise UnreadableScan  # any number could begin with 10 or 21; a code on a pack begins with its GTIN
    return (_separated(text),) if _GS in text else _unseparated(text)


def is_code(text: str) -> bool:
    """Whether `text` begins as codes of packs do, and not as any number of a batch may."""
    text = text.strip(" \t\r\n")
    if keyboards.is_betrayed(text):
        text = keyboards.roughly_english(text)
    return bool(_BEGINNING.match(text)) or is_link(text)


def is_link(text: str) -> bool:
    """Whether `text` is a web address; one without 'https:' where it names a product."""
    found = _LINK.fullmatch(text)
    return bool(re.match("https?:", text, re.IGNORECASE) or (found and _PRODUCT.search(found["path"] or "")))


def _from_other_keyboard(text: str) -> str:
    """The text as an English keyboard gives it, where accents stand for digits.

    Raises WrongKeyboard where keys may be exchanged.
    """
    if not keyboards.is_betrayed(text):
        if not text.replace("␝", "").isascii():
            raise UnreadableScan
        return text
    if not _BEGINNING.match(keyboards.roughly_english(text)):
        raise UnreadableScan
    try:
        return keyboards.as_english(text)
    except keyboards.KeysExchanged:
        raise WrongKeyboard from None


def _linked(text: str) -> Scan:
    """Read a web address. What programs add to it for themselves is left alone."""
    found = _LINK.fullmatch(text)
    product = _PRODUCT.search(found["path"] or "") if found else None
    if not (found and product) or len(text) > _LONGEST_LINK:
        raise UnreadableLink
    # Whatever comes before the product is the way to it on its server, and may be anything.
    path = re.sub(r"/(?=[?#]|$)", "", found["path"][product.start() :], count=1)
    for name, ai in _OLD_NAMES.items():
        path = re.sub(f"^([^?#]*)/{name}/", rf"\1/{ai}/", path, flags=re.IGNORECASE)
    try:
        return _scan(GS1DigitalLinkURI.parse(f"https://link{path}").element_strings)
    except ParseError as error:
        batch, expiry = re.search(r"/10/([^/?#]*)", path), re.search(r"[?&;]17=([^&;#]*)", path)
        faults = (
            _fault_of_whole("10", unquote(batch[1])) if batch else None,
            _fault_of_whole("17", unquote(expiry[1])) if expiry else None,
        )
        raise next(filter(None, faults), UnreadableLink) from error


def _unmarked(text: str) -> tuple[str, bool]:
    """The text without the scanner's mark of a GS1 code, and whether it had one."""
    mark = _SYMBOLOGY.match(text)
    if mark:
        return text[mark.end() :], True
    if text.startswith("]"):
        raise UnreadableScan  # another kind of code
    return text, False


def _bracketed(text: str) -> Scan:
    text = "".join(text.split())
    if not text.isascii() or not _BRACKETED.fullmatch(text):
        raise UnreadableScan
    try:
        return _scan(GS1Message.parse_hri(text).element_strings)
    except ParseError as error:
        faults = (_fault_of_whole(ai, value) for ai, value in re.findall(r"\((\d+)\)([^(]+)", text))
        raise next(filter(None, faults), UnreadableScan) from error


def _separated(text: str) -> Scan:
    """Read a text that has its separators: each field of variable length goes up to the next one."""
    elements: list[GS1ElementString] = []
    for part in filter(None, text.split(_GS)):
        rest = part
        while rest:
            try:
                element = GS1ElementString.extract(rest)
            except ParseError as error:
                raise (_fault(rest[:2], rest[2:]) or UnreadableScan) from error
            rest = rest[len(element) :]
            if rest and element.ai.separator_required:
                raise UnreadableScan  # longer than the field may be
            elements.append(element)
    return _scan(elements)


def _unseparated(text: str) -> tuple[Scan, ...]:
    """The readings of a text without separators; both the batch and the expiry stand on every pack."""
    splits = _splits(text, frozenset())
    whole = [fields for fields in splits if {"10", "17"} <= dict(fields).keys()]
    found = {_scan(GS1ElementString.parse(ai + value) for ai, value in fields) for fields in whole or splits}
    # Where no reading fits a pack, the plain one says best why not, or it holds a field that packs seldom have.
    return tuple(sorted(found, key=repr)) or (_separated(text),)


@lru_cache(maxsize=4096)  # the same rest is reached in many ways
def _splits(text: str, used: frozenset[str]) -> tuple[_Fields, ...]:
    """The ways to cut `text` into fields of packs that are not `used` yet. Raises AmbiguousScan for too many ways."""
    if not text:
        return ((),)
    found: list[_Fields] = []
    for ai, pattern in _ON_PACKS.items():
        if ai in used or not text.startswith(ai):
            continue
        for value in _values(pattern, text[len(ai) :]):
            if _fault(ai, value) is None:
                rest = text[len(ai) + len(value) :]
                found += [((ai, value), *others) for others in _splits(rest, used | {ai})]
    if len(found) > _MANY:
        raise AmbiguousScan
    return tuple(found)


def _values(pattern: str, rest: str) -> Iterator[str]:
    for length in range(1, min(len(rest), 20) + 1):
        if re.fullmatch(pattern, rest[:length]):
            yield rest[:length]


def _scan(elements: Iterable[GS1ElementString]) -> Scan:
    """The fields that a form needs. Raises WrongGtin, WrongBatch, UnreadableScan."""
    fields: dict[str, GS1ElementString] = {}
    for element in elements:
        if fields.setdefault(element.ai.ai, element).value != element.value:
            raise UnreadableScan  # says two things at once
    gtin, batch, expiry, serial = (fields.get(ai) for ai in ("01", "10", "17", "21"))
    if gtin and gtin.gtin_error:
        raise WrongGtin
    if batch and not BATCH_NUMBER.fullmatch(batch.value.upper()):
        raise WrongBatch
    if not (gtin or batch):
        raise UnreadableScan
    return Scan(
        gtin=gtin.value if gtin else "",
        batch=batch.value.upper() if batch else "",
        expires_on=expiry.date if expiry else None,
        serial=serial.value if serial else "",
    )


def _fault_of_whole(ai: str, value: str) -> type[UnreadableScan] | None:
    """The reason why a field that is `value` cannot be right; None where it can."""
    if ai == "10" and not BATCH_NUMBER.fullmatch(value.upper()):
        return WrongBatch
    return _fault(ai, value)


def _fault(ai: str, value: str) -> type[UnreadableScan] | None:
    """The reason why a field that begins with `value` cannot be right; None where it can."""
    try:
        element = GS1ElementString.extract(ai + value)
    except ParseError:
        return {"10": WrongBatch, "17": ImpossibleExpiry}.get(ai, UnreadableScan)
    return WrongGtin if element.gtin_error else None
