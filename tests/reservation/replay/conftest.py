"""Capacity files of a small country: three sites, one of which no list names."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

HEADER = (
    *("datum", "ockovaci_misto_id", "ockovaci_misto_nazev", "kraj_nuts_kod", "kraj_nazev"),
    *("volna_kapacita", "maximalni_kapacita", "kalendar_ockovani"),
)
ONE, TWO, THREE = (UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in (1, 2, 3))
# Day, site, seats, free seats, calendar.
Line = tuple[str, UUID, Any, Any, str]
Write = Callable[[str, Iterable[Line]], Path]

JANUARY: tuple[Line, ...] = (
    ("2021-01-18", ONE, 60, 10, "V1"),
    ("2021-01-18", ONE, 0, 0, "V2"),
    ("2021-01-18", TWO, 8, 0, "V1"),
    ("2021-01-19", THREE, 6, 2, "VX"),
)
# 21 days later: second doses at the first site, some of people with a first dose elsewhere; none at the second.
FEBRUARY: tuple[Line, ...] = (
    ("2021-02-08", ONE, 80, 20, "V2"),
    ("2021-02-09", THREE, 9, 2, "VX"),
    ("2021-02-10", ONE, 20, 5, "V1"),
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the file of a month into a folder, which it returns."""

    def make(month: str, lines: Iterable[Line]) -> Path:
        path = tmp_path / f"reservation-capacity-{month}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(HEADER)
            for day, site, seats, free, calendar in lines:
                table.writerow([day, site, f"Místo {str(site)[-1]}", "CZ010", "Praha", free, seats, calendar])
        return tmp_path

    return make


@pytest.fixture
def folder(write: Write) -> Path:
    """A folder with both months."""
    write("2021-01", JANUARY)
    return write("2021-02", FEBRUARY)
