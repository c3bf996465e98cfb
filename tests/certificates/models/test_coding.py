"""The EU codes of vaccines and doses that every database has (migration 0002_eu_codes)."""

from datetime import date

import pytest

from certificates.models import SeriesCoding, VaccineCoding, ValueSetEntry
from tests.eu_codes import needs_eu_codes, published, read

pytestmark = pytest.mark.django_db


def written(series: int, day: date = date(2027, 1, 11)) -> list[str]:
    """How the doses of a person are written whose series had so many."""
    rows = SeriesCoding.objects.valid_on(day).filter(series_doses=series)
    return [f"{row.dose_number}/{row.total_doses}" for row in sorted(rows, key=lambda row: row.number)]


def test_doses_and_boosters_are_written_so_that_no_two_look_alike() -> None:
    assert written(1)[:4] == ["1/1", "2/1", "3/1", "4/1"]
    assert written(2)[:5] == ["1/2", "2/2", "3/3", "4/4", "5/5"]
    assert written(3)[:4] == ["1/3", "2/3", "3/3", "4/4"]
    assert written(2, date(2021, 5, 31)) == []


@pytest.mark.parametrize(
    ("vaccine", "day", "codes"),
    [
        ("comirnaty", date(2021, 6, 1), ("1119349007", "EU/1/20/1528", "ORG-100030215")),
        ("spikevax", date(2027, 1, 1), ("1119349007", "EU/1/20/1507", "ORG-100031184")),
        ("vaxzevria", date(2022, 1, 30), ("1119305005", "EU/1/21/1529", "ORG-100001699")),
        ("vaxzevria", date(2022, 1, 31), ("29061000087103", "EU/1/21/1529", "ORG-100001699")),
        ("janssen", date(2021, 6, 1), ("1119305005", "EU/1/20/1525", "ORG-100001417")),
        ("janssen", date(2027, 1, 1), ("29061000087103", "EU/1/20/1525", "ORG-100001417")),
    ],
)
def test_a_vaccine_is_written_in_the_codes_of_the_day(vaccine: str, day: date, codes: tuple[str, str, str]) -> None:
    row = VaccineCoding.objects.valid_on(day).get(vaccine=vaccine)
    assert (row.prophylaxis, row.product, row.holder) == codes


def test_every_code_that_we_write_has_a_name() -> None:
    named = set(ValueSetEntry.objects.values_list("value_set", "code"))
    sets = ValueSetEntry.ValueSet
    for row in VaccineCoding.objects.all():
        assert {(sets.PROPHYLAXIS, row.prophylaxis), (sets.PRODUCT, row.product), (sets.HOLDER, row.holder)} <= named


@needs_eu_codes
def test_our_codes_are_those_of_the_eus_value_sets() -> None:
    for file in ("disease-agent-targeted", "vaccine-prophylaxis", "vaccine-medicinal-product", "vaccine-mah-manf"):
        official = read(f"value-sets/{file}.json")
        ours = ValueSetEntry.objects.filter(value_set=official["valueSetId"])
        assert ours.exists()
        assert {row.code for row in ours} <= official["valueSetValues"].keys()


@needs_eu_codes
def test_nearly_every_code_of_the_states_published_vaccinations_has_a_name() -> None:
    named = set(ValueSetEntry.objects.values_list("code", flat=True))
    entries = [entry for code in published() for entry in (code.content or {}).get("v") or ()]
    assert {entry[field] for entry in entries for field in ("tg", "vp", "mp", "ma")} - named == {"729999"}
