"""What a certificate says, line by line, in words: for people who check one, and for programs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel import Locale
from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from certificates.hcert.refusals import Genuine
from certificates.paper.content import CZECH_NAMES, VALUE_SETS, names_of, series_of, validity
from crs.typed import plain

LONGEST_VALUE = 200
# What entries of other states say by code, and is in no table of ours; any other code is shown as it is.
_WORDS: Mapping[str, str | Promise] = {
    "260415000": gettext_lazy("negative: nothing was found"),
    "260373001": gettext_lazy("positive: the disease was found"),
    "LP6464-4": gettext_lazy("test for nucleic acid (such as PCR)"),
    "LP217198-3": gettext_lazy("rapid antigen test"),
}
KINDS: Mapping[str, str | Promise] = {
    "v": gettext_lazy("vaccination"),
    "t": gettext_lazy("test"),
    "r": gettext_lazy("recovery from the disease"),
}


@dataclass(frozen=True)
class Line:
    """A label in the person's language, and a value. Foreign values are what the issuer wrote, in whatever script."""

    label: str
    value: str


def name(payload: Mapping[str, Any]) -> str:
    """The person's name as the issuing state writes it; without one, in the letters of the travel document."""
    names = payload.get("nam")
    if not isinstance(names, dict):
        return ""
    written = [_shown(names.get(part)) or _travel(names.get(latin)) for part, latin in (("gn", "gnt"), ("fn", "fnt"))]
    return " ".join(filter(None, written))


def birth_date(payload: Mapping[str, Any]) -> str:
    """The date of birth; other states' may be a year, a month of a year, or nothing."""
    return _day(payload.get("dob"))


def state(code: object) -> str:
    """The name of a state in the language of the page; a code that is none stays as it is."""
    shown = _shown(code)
    return str(Locale(translation.get_language() or "cs").territories.get(shown.upper(), shown))


def other_state(genuine: Genuine) -> str:
    """The state that the code names as its issuer; empty where it names none, or that of its signer."""
    return "" if genuine.claimed_country == genuine.country else state(genuine.claimed_country)


def kind(genuine: Genuine) -> str:
    """What the certificate is about."""
    return str(KINDS.get(genuine.kind, genuine.kind))


def counts_from(genuine: Genuine) -> str:
    """From which day on a vaccination of ours counts, as its paper says; empty for all others'."""
    if genuine.kind != "v" or genuine.country != settings.CERTIFICATE_COUNTRY:
        return ""
    entry = genuine.entry
    try:
        product = _shown(entry["mp"])
        series = series_of({product}).get(product, 0)
        day, why = validity(entry["dn"], entry["sd"], entry["dt"][:10], series=series)
    except (KeyError, TypeError, ValueError):
        return ""
    if day is None:
        return str(why)
    return _("The vaccination counts from %(day)s.") % {"day": date_format(day, _day_format())}


def entries(genuine: Genuine) -> list[list[Line]]:
    """All that it says but the name and the date of birth, entry by entry; codes by their names, where we know them."""
    return [_lines(genuine, entry) for entry in genuine.entries]


def _lines(genuine: Genuine, entry: Mapping[str, Any]) -> list[Line]:
    named = _named(entry)
    tell = {"v": _vaccination, "t": _test, "r": _recovery}.get(genuine.kind)
    found = [*tell(entry, named)] if tell else []
    found += [
        Line(pgettext("certificate", "State"), state(entry.get("co"))),
        Line(_("Certificate issuer"), _shown(entry.get("is"))),
        Line(_("Certificate identifier (UVCI)"), _shown(entry.get("ci"))),
    ]
    return [line for line in found if line.value]


def _vaccination(entry: Mapping[str, Any], named: Mapping[str, str]) -> Iterator[Line]:
    yield Line(_("Vaccine medicinal product"), named["mp"])
    yield Line(_("Dose number and total"), _dose(_shown(entry.get("dn")), _shown(entry.get("sd"))))
    yield Line(pgettext("certificate", "Date of vaccination"), _day(entry.get("dt")))
    yield Line(_("Disease or agent targeted"), named["tg"])
    yield Line(_("Vaccine/prophylaxis"), named["vp"])
    yield Line(_("Marketing authorisation holder or manufacturer"), named["ma"])


def _dose(number: str, total: str) -> str:
    return _("%(number)s of %(total)s") % {"number": number, "total": total} if number and total else number


def _test(entry: Mapping[str, Any], named: Mapping[str, str]) -> Iterator[Line]:
    yield Line(_("Result of the test"), _word(entry.get("tr")))
    yield Line(_("Time of the sample"), _moment(entry.get("sc")))
    yield Line(_("Kind of test"), _word(entry.get("tt")))
    yield Line(_("Name of the test"), _shown(entry.get("nm")))
    yield Line(_("Maker of the test"), _shown(entry.get("ma")))
    yield Line(_("Place of the test"), _shown(entry.get("tc")))
    yield Line(_("Disease"), named["tg"])


def _recovery(entry: Mapping[str, Any], named: Mapping[str, str]) -> Iterator[Line]:
    yield Line(_("Disease"), named["tg"])
    yield Line(_("First positive test"), _day(entry.get("fr")))
    yield Line(_("Counts from"), _day(entry.get("df")))
    yield Line(_("Counts until"), _day(entry.get("du")))


def _named(entry: Mapping[str, Any]) -> dict[str, str]:
    """The names of the entry's codes, as the EU writes them; a code that we do not know stays as it is."""
    codes = {field: _shown(entry.get(field)) for field in VALUE_SETS}
    known = names_of((VALUE_SETS[field], code) for field, code in codes.items())
    names = {field: known.get((VALUE_SETS[field], code), code) for field, code in codes.items()}
    if translation.get_language() == "cs" and (czech := CZECH_NAMES.get(("vp", codes["vp"]))):
        names["vp"] = str(czech)
    return names


def _word(code: object) -> str:
    shown = _shown(code)
    return str(_WORDS.get(shown, shown))


def _shown(value: object) -> str:
    """A value of a stranger as one short line, without signs that nobody sees and that turn the text around."""
    return "" if value is None else plain(str(value))[:LONGEST_VALUE]


def _travel(value: object) -> str:
    return _shown(value).replace("<", " ").strip()


def _day(value: object) -> str:
    """A day in words; what is no whole day stays as it is. Some states write a moment."""
    shown = _shown(value)
    try:
        return date_format(date.fromisoformat(shown[:10]), _day_format())
    except ValueError:
        return shown


def _moment(value: object) -> str:
    shown = _shown(value)
    try:
        # Without a zone of its own it raises ValueError; at the ends of the calendar there may be no such time here.
        moment = timezone.localtime(datetime.fromisoformat(shown))
    except (ValueError, OverflowError):
        return shown
    return date_format(moment, _("j F Y, G:i"))


def _day_format() -> str:
    return _("j F Y")
