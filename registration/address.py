"""Where somebody lives: the post code as its state writes it, and the lines of an envelope."""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from crs import typed
from crs.states import CZECHIA, state_name
from registration.errors import PostcodeOfAnotherState, PostcodeRefused

# What is said and kept as a whole; the country is no statement alone.
STATED = ("street", "city", "postcode")
ADDRESS = (*STATED, "country")
LONGEST_POSTCODE = 12
# The first digit is that of a part of the country (DOMAIN 2.5); those of Slovakia begin with 0, 8 and 9.
_CZECH = re.compile("([1-7][0-9]{4})")
_SLOVAK = re.compile("([089][0-9]{2})([0-9]{2})")
_POLISH = re.compile("([0-9]{2})([0-9]{3})")
# What people write before it, beside the letters of the state.
_NAMES = ("psč", "psc")
# Letters, digits, single spaces and hyphens between them; `postcode_is_of_its_country` says so, too.
_ELSEWHERE = re.compile("[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")


class Address(Protocol):
    """A person, or what somebody says about one."""

    @property
    def street(self) -> str:
        """With the number of the house."""

    @property
    def city(self) -> str:
        """Or village."""

    @property
    def postcode(self) -> str:
        """As `postcode` makes it."""

    @property
    def country(self) -> str:
        """Two letters of ISO 3166."""


def postcode(text: str, *, country: str) -> str:
    """The code as it is kept: five digits in Czechia, elsewhere as the state writes it. Empty stays empty.

    Any separators will do, and the letters of the state before it. Raises PostcodeOfAnotherState where a code in
    Czechia is none, and PostcodeRefused.
    """
    said = typed.ordinary(text)
    if not said:
        return ""
    code = typed.unnamed(said, *_NAMES, country.lower())
    if country == CZECHIA:
        found = _CZECH.fullmatch(code)
        # '00-950' is how Poland writes its own.
        if found is None or re.fullmatch("[0-9]{2}-[0-9]{3}", said):
            raise PostcodeOfAnotherState
        return found[1]
    if country in ("SK", "PL"):
        found = (_SLOVAK if country == "SK" else _POLISH).fullmatch(code)
        if found is None:
            raise PostcodeRefused
        return (" " if country == "SK" else "-").join(found.groups())
    said = re.sub(" ?[-‐‑‒–—] ?", "-", said)
    if len(said) > LONGEST_POSTCODE or not _ELSEWHERE.fullmatch(said):
        raise PostcodeRefused
    return said.upper()


def letters_need(said: Mapping[str, Any]) -> tuple[str, ...]:
    """What an address that is `said` needs before a letter comes there: some states have no post codes."""
    return STATED if said.get("country", CZECHIA) == CZECHIA else ("street", "city")


def town(of: Address) -> str:
    """The post code as people read it, and the town: '110 00 Praha'."""
    code = f"{of.postcode[:3]} {of.postcode[3:]}" if of.country == CZECHIA else of.postcode
    return f"{code} {of.city}".strip()


def lines(of: Address) -> list[str]:
    """The address with its country where that is another one, as pages and staff read it; empty where none is known."""
    stated = [line for line in (of.street, town(of)) if line]
    return [*stated, state_name(of.country)] if stated and of.country != CZECHIA else stated


def envelope(of: Address) -> list[str]:
    """The lines under the name. Abroad the last one is the state in capitals, in the language of this post office."""
    country = [] if of.country == CZECHIA else [state_name(of.country, "cs").upper()]
    return [of.street, town(of), *country]
