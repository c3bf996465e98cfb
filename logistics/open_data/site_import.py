"""Import of the ministry's list of vaccination sites (open data, `prehled-ockovacich-mist`)."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from django.db import transaction

from crs import history
from crs.shortened_text import shortened
from logistics.models import District, VaccinationSite
from logistics.models.sites import FACILITY_CODE_DIGITS
from logistics.open_data import reader
from logistics.open_data.reader import BadValue, Problem
from logistics.operations import Operation

COLUMNS = frozenset(
    {
        "ockovaci_misto_id",
        "ockovaci_misto_nazev",
        "okres_nuts_kod",
        "operacni_status",
        "ockovaci_misto_adresa",
        "latitude",
        "longitude",
        "ockovaci_misto_typ",
        "nrpzs_kod",
        "minimalni_kapacita",
        "bezbarierovy_pristup",
    }
)
KINDS: dict[str, str] = {
    "OČM": VaccinationSite.Kind.STANDARD,
    "VOČM": VaccinationSite.Kind.LARGE,
    "DOČM": VaccinationSite.Kind.DISTRIBUTION,
    "SMPL": VaccinationSite.Kind.SELF_PAYING,
    "AČR": VaccinationSite.Kind.ARMY,
    "UNI": VaccinationSite.Kind.UNIVERSITY,
    "": "",
}
STATES = {"1": VaccinationSite.State.OPEN, "0": VaccinationSite.State.CLOSED}
STEP_FREE = {"1": True, "0": False, "": None}
# The box around the Czech Republic (degrees, WGS 84), rounded outwards.
LATITUDES = (Decimal("48.5"), Decimal("51.1"))
LONGITUDES = (Decimal("12.0"), Decimal("18.9"))
LONGEST_NAME, LONGEST_ADDRESS = 200, 300
BATCH = 1000

T = TypeVar("T")

_DEGREES = re.compile(r"[0-9]{1,3}([.,][0-9]{1,20})?", re.ASCII)


@dataclass
class SiteImport:
    """The outcome of an import: numbers of sites, and the lines that it could not use."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    absent: int = 0
    problems: list[Problem] = field(default_factory=list)


@transaction.atomic
def import_sites(*, path: Path, is_dry_run: bool = False) -> SiteImport:
    """Write the sites of the file `path`; a second run with it changes nothing.

    An empty column of the list never wipes out our value, and the list does not touch opening hours, telephone and
    notes. A site that is missing from the list stays as it is (`absent`). A site that the list marks as not operating
    becomes CLOSED; one that operates becomes OPEN, unless we prepare or pause it. All sites of the list are public.
    Raises UnreadableFile.
    """
    result = SiteImport()
    known = VaccinationSite.objects.in_bulk()
    listed = {fields["id"]: fields for fields in _sites(path, result.problems)}
    new: list[VaccinationSite] = []
    changed: list[VaccinationSite] = []
    for key, fields in listed.items():
        site = known.get(key)
        if site is None:
            new.append(VaccinationSite(**fields))
        elif _take_over(site, fields):
            changed.append(site)
        else:
            result.unchanged += 1
    result.created, result.updated = len(new), len(changed)
    result.absent = len(known.keys() - listed.keys())
    if not is_dry_run:
        with history.recording(Operation.IMPORT_SITES):
            VaccinationSite.objects.bulk_create(new, batch_size=BATCH)
            if changed:
                VaccinationSite.objects.bulk_update(changed, [*_OWNED_BY_THE_LIST, "region_id"], batch_size=BATCH)
    return result


_OWNED_BY_THE_LIST = (
    "name",
    "district_id",
    "state",
    "is_public",
    "address",
    "latitude",
    "longitude",
    "kind",
    "facility_code",
    "minimal_capacity",
    "is_step_free",
)
_UNKNOWN = ("", None)
# The list says only whether a site operates; whether it is prepared, or paused for a week, is ours to say.
_OURS_WHILE_IT_OPERATES = (VaccinationSite.State.PREPARING, VaccinationSite.State.PAUSED)


def _take_over(site: VaccinationSite, fields: dict[str, Any]) -> bool:
    """Put the list's values into `site`; returns whether any of them is new."""
    news = {
        name: fields[name]
        for name in _OWNED_BY_THE_LIST
        if fields[name] not in _UNKNOWN and fields[name] != getattr(site, name)
    }
    if site.state in _OURS_WHILE_IT_OPERATES and fields["state"] == VaccinationSite.State.OPEN:
        news.pop("state", None)
    if site.region_id is not None:
        # Only stock files had named the site, with its region. The list gives the district, which says the region.
        news["region_id"] = None
    for name, value in news.items():
        setattr(site, name, value)
    return bool(news)


def _sites(path: Path, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    districts = frozenset(District.objects.values_list("code", flat=True))
    seen: set[uuid.UUID] = set()
    for line in reader.read(path, COLUMNS):
        if isinstance(line, Problem):
            problems.append(line)
            continue
        try:
            fields = _fields(line.values, districts, seen)
        except BadValue as reason:
            problems.append(Problem(path.name, line.number, str(reason)))
            continue
        seen.add(fields["id"])
        yield fields


def _fields(values: dict[str, str], districts: frozenset[str], seen: set[uuid.UUID]) -> dict[str, Any]:
    """The fields of a site from a line. Raises BadValue for the first value that cannot be used."""
    if values["okres_nuts_kod"] not in districts:
        raise BadValue(f"there is no district “{shortened(values['okres_nuts_kod'])}”")
    latitude, longitude = _position(values["latitude"], values["longitude"])
    return {
        "id": _identifier(values["ockovaci_misto_id"], seen),
        "name": _text(values["ockovaci_misto_nazev"], LONGEST_NAME, "the name is missing"),
        "district_id": values["okres_nuts_kod"],
        "is_public": True,
        "state": _one_of(STATES, values["operacni_status"], "the operating status “%(value)s” is neither 1 nor 0"),
        "address": _text(values["ockovaci_misto_adresa"], LONGEST_ADDRESS, "the address is missing"),
        "latitude": latitude,
        "longitude": longitude,
        "kind": _one_of(KINDS, values["ockovaci_misto_typ"], "there is no type of site “%(value)s”"),
        "facility_code": _facility_code(values["nrpzs_kod"]),
        "minimal_capacity": reader.whole_number(values["minimalni_kapacita"]),
        "is_step_free": _one_of(
            STEP_FREE, values["bezbarierovy_pristup"], "step-free access “%(value)s” is neither 1, 0 nor empty"
        ),
    }


def _identifier(text: str, seen: set[uuid.UUID]) -> uuid.UUID:
    identifier = reader.identifier(text)
    if identifier in seen:
        raise BadValue(f"the site {identifier} stands in the file a second time")
    return identifier


def _text(text: str, longest: int, missing: str) -> str:
    if not text:
        raise BadValue(missing)
    if len(text) > longest:
        raise BadValue(f"“{shortened(text)}” is longer than {longest:,} characters")
    return text


def _one_of(table: dict[str, T], text: str, otherwise: str) -> T:
    if text not in table:
        raise BadValue(otherwise % {"value": shortened(text)})
    return table[text]


def _position(latitude: str, longitude: str) -> tuple[Decimal | None, Decimal | None]:
    """Both coordinates or none (unknown)."""
    if not latitude and not longitude:
        return None, None
    position = _degrees(latitude), _degrees(longitude)
    if not (LATITUDES[0] <= position[0] <= LATITUDES[1] and LONGITUDES[0] <= position[1] <= LONGITUDES[1]):
        raise BadValue(f"the place {shortened(latitude)}, {shortened(longitude)} is not in the Czech Republic")
    return position


def _degrees(text: str) -> Decimal:
    if not _DEGREES.fullmatch(text):
        raise BadValue(f"“{shortened(text)}” is not a coordinate in degrees")
    return Decimal(text.replace(",", ".")).quantize(Decimal("1e-7"))


def _facility_code(text: str) -> str:
    """11 digits; the list drops the zeros in front and writes 0 for unknown."""
    if not text.strip("0"):
        return ""
    if not (text.isascii() and text.isdecimal()) or len(text) > FACILITY_CODE_DIGITS:
        raise BadValue(f"“{shortened(text)}” is not a code of a health facility (11 digits)")
    return text.zfill(FACILITY_CODE_DIGITS)
