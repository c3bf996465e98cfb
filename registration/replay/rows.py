"""Rows of the ministry's anonymous registrations, read and checked: `registrations-2021-*.csv.gz`."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from crs.states import state_name
from logistics.open_data.reader import BadValue, FileLine, Problem, identifier, read

COLUMNS = frozenset({"datum", "ockovaci_misto_id", "vekova_skupina", "povolani", "stat", "rezervace"})
# The portal opened on that day (DOMAIN 4.1); what is said to be older has a wrong date.
FIRST_DAY = date(2021, 1, 15)
HOME = "CZ"
# Completed years. Until June 2021 nobody under 16 was registered, and a child needs a guardian whom no row names.
AGES = {
    "0-17": (16, 17),
    "18-24": (18, 24),
    **{f"{low}-{low + 4}": (low, low + 4) for low in range(25, 80, 5)},
    "80+": (80, 95),
}
# How `povolani` begins (DOMAIN 4.3), and the group; "" is no other reason than age. A longer beginning counts first.
REASONS = {
    "neuvedeno": "",
    "na základě dosaženého věku": "",
    "zdravotnický pracovník": "health-workers",
    "nezdravotničtí pracovníci": "covid-care-workers",
    "technicko hospodářští pracovníci": "health-administration",
    "pracovník v sociálních službách": "social-services-staff",
    "pedagogický pracovník": "school-staff",
    "akademický pracovník": "academic-staff",
    "kritická infrastruktura": "critical-infrastructure",
    "zaměstnanci ministerstva obrany": "defence-staff",
    "osoba s chronickým onemocněním – druhá skupina": "chronic-second",
    "osoba s chronickým onemocněním": "chronic-first",
    "osoba pečující o osobu": "carers",
}
_BY_LENGTH = sorted(REASONS, key=len, reverse=True)
# Several reasons stand in one field.
_BETWEEN_REASONS = ";"


@dataclass(frozen=True)
class Row:
    """A sound row. `key` is the same whatever file it stands in, and another one for each of equal rows."""

    key: str
    day: date
    site: UUID
    ages: tuple[int, int]
    groups: tuple[str, ...]
    country: str
    had_reservation: bool


class RowReader:
    """Reads files of one run. A day stands in one file, so equal rows are counted over all of them."""

    def __init__(self, *, sites: frozenset[UUID], groups: frozenset[str], today: date) -> None:
        self._sites, self._groups, self._today = sites, groups, today
        self._equal: Counter[str] = Counter()

    def read(self, path: Path) -> Iterator[Row | Problem]:
        """The rows of a file in turn; those that cannot be used with the reason. Raises UnreadableFile."""
        for line in read(path, COLUMNS):
            if isinstance(line, Problem):
                yield line
                continue
            try:
                yield self._row(line)
            except BadValue as error:
                yield Problem(path.name, line.number, str(error))

    def _row(self, line: FileLine) -> Row:
        said = line.values
        return Row(
            key=self._key(said),
            day=self._day(said["datum"]),
            site=self._site(said["ockovaci_misto_id"]),
            ages=_ages(said["vekova_skupina"]),
            groups=self._claims(said["povolani"]),
            country=_country(said["stat"]),
            had_reservation=said["rezervace"] in ("1", "1.0"),
        )

    def _key(self, said: Mapping[str, str]) -> str:
        # Not the reservation: it came later, and a newer file says of the very same registration that it has one.
        names = ("datum", "ockovaci_misto_id", "vekova_skupina", "povolani", "stat")
        content = "\x00".join(said[name] for name in names)
        self._equal[content] += 1
        return hashlib.sha256(f"{content}\x00{self._equal[content]}".encode()).hexdigest()

    def _day(self, text: str) -> date:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise BadValue(f"“{text[:40]}” is not a day such as 2021-01-15") from None
        if not FIRST_DAY <= day <= self._today:
            raise BadValue(f"the day {day} is wrong: registration began on {FIRST_DAY}, and it is {self._today}")
        return day

    def _site(self, text: str) -> UUID:
        site = identifier(text)
        if site not in self._sites:
            raise BadValue(f"the site {site} is not known here; import_sites reads the list of sites")
        return site

    def _claims(self, text: str) -> tuple[str, ...]:
        found = dict.fromkeys(_group_of(reason) for reason in text.split(_BETWEEN_REASONS) if reason.strip())
        claimed = tuple(group for group in found if group)
        if missing := set(claimed) - self._groups:
            raise BadValue(f"there is no group {', '.join(sorted(missing))}")
        return claimed


def _group_of(reason: str) -> str:
    plain = reason.strip().lower().replace(" - ", " – ")
    beginning = next((known for known in _BY_LENGTH if plain.startswith(known)), None)
    if beginning is None:
        raise BadValue(f"the reason “{reason.strip()[:60]}” belongs to no group")
    return REASONS[beginning]


def _ages(text: str) -> tuple[int, int]:
    if text in ("", "neuvedeno"):
        raise BadValue("the age band is missing")
    if text not in AGES:
        raise BadValue(f"“{text[:40]}” is not an age band")
    return AGES[text]


def _country(text: str) -> str:
    if not state_name(text, "en"):
        raise BadValue(f"“{text[:40]}” is not the code of a state")
    return text
