"""The name by which a message says whom it is for: 'Jana N.', so that two people of one telephone tell theirs apart.

It is short and tells a stranger little: the telephone may lie on a table.
"""

from dataclasses import dataclass
from typing import Protocol

from crs.messaging import sms_text

# Signs of the given name; an SMS has no room for more.
LONGEST = 16


class Named(Protocol):
    """Whoever has a name: a person, or what somebody typed about one."""

    @property
    def first_name(self) -> str:
        """The given name; "" for whoever has one name only, which is the surname (ICAO 9303)."""

    @property
    def last_name(self) -> str:
        """The surname."""

    @property
    def latin_first_name(self) -> str:
        """As the travel document spells it; "" where that is not needed or not known."""

    @property
    def latin_last_name(self) -> str:
        """The same of the surname."""


@dataclass(frozen=True)
class ShortName:
    """Given name and initial of the surname, in the person's own letters and as their travel document has them."""

    own: str
    latin: str = ""

    def in_sms(self, language: str) -> str:
        """The name in letters that an SMS in `language` keeps; "" where none are known."""
        kept = (name for name in (self.own, self.latin) if "?" not in sms_text.sendable(name, language=language))
        return next(kept, "")


def short_name(who: Named) -> ShortName:
    """The short name of somebody; of whoever has one name only it is that name."""
    latin = (who.latin_first_name or who.first_name, who.latin_last_name or who.last_name)
    # Travel documents spell in capitals, which read like a shout.
    return ShortName(_short(who.first_name, who.last_name), _short(*(name.title() for name in latin)))


def _short(first_name: str, last_name: str) -> str:
    if not (first_name and last_name):
        return _cut(first_name or last_name)
    # 's Gravenhage has no letter first.
    return f"{_cut(first_name)} {next(filter(str.isalpha, last_name), last_name[0])}."


def _cut(name: str) -> str:
    """As many whole words as there is room for; of a longer word its beginning."""
    first, *more = name.split() or [""]
    kept = first[:LONGEST].rstrip("-'’")
    for word in more:
        if len(kept) + 1 + len(word) > LONGEST:
            break
        kept = f"{kept} {word}"
    return kept
