"""Open data in the ministry's format: what lives in the ledger, a row for each document or day."""

import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from logistics.models import Material, Region, StorageCondition, Store, Vaccine
from logistics.open_data import export
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryLine
from tests.factories import NOW, context, make_distributor, make_store, make_vials

ACT, NEXT_DAY = context(), context(NOW + timedelta(days=1))
pytestmark = pytest.mark.django_db


def store_in_brno(name: str, **fields: Any) -> Store:
    return make_store(name=name, **{"district": "CZ0642", "address": "Brno, Výstaviště 1"} | fields)


@pytest.fixture
def store() -> Store:
    return store_in_brno("Výstaviště Brno")


@pytest.fixture
def distributor() -> Store:
    return make_distributor()


def exported(folder: Path, name: str) -> list[dict[str, str]]:
    export.export(folder=folder)
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def moves(folder: Path) -> list[tuple[str, str, str, str, str, str]]:
    columns = ("akce", "ockovaci_misto_nazev", "cilove_ockovaci_misto_nazev", "ockovaci_latka", "pocet_ampulek")
    rows = exported(folder, export.DISTRIBUTION)
    return [(*(row[column] for column in columns), row["pocet_davek"]) for row in rows]  # type: ignore[misc]


def test_receipts_and_issues_are_published_once_each(tmp_path: Path, store: Store, distributor: Store) -> None:
    other = store_in_brno("Poliklinika")
    five, six, moderna = (
        make_vials("EJ6797", doses_per_vial=5),
        make_vials("EJ6797"),
        make_vials("3001531", vaccine="spikevax", doses_per_vial=10),
    )
    ledger.receive(store=distributor, lines=[EntryLine(six, 50)], context=ACT)
    dispatch = ledger.send(store=distributor, to=store, lines=[EntryLine(six, 20)], context=ACT)
    ledger.confirm_delivery(dispatch=dispatch, counted={six.pk: 19}, reason="BROKEN", context=ACT)
    ledger.receive(store=store, lines=[EntryLine(five, 2), EntryLine(six, 3), EntryLine(moderna, 4)], context=ACT)
    between = ledger.send(store=store, to=other, lines=[EntryLine(six, 5)], context=ACT)
    ledger.confirm_delivery(dispatch=between, counted={six.pk: 5}, context=NEXT_DAY)
    ledger.issue(store=store, lines=[EntryLine(six, 1)], outside_party="MUDr. Nováková", context=NEXT_DAY)
    ledger.send(store=store, to=distributor, lines=[EntryLine(six, 2)], context=NEXT_DAY)
    brno = "Výstaviště Brno"
    assert moves(tmp_path) == [
        ("Příjem", brno, "", "Comirnaty", "19", "114"),
        ("Příjem", brno, "", "COVID-19 Vaccine Moderna", "4", "40"),
        ("Příjem", brno, "", "Comirnaty", "5", "28"),
        ("Výdej", brno, "Poliklinika", "Comirnaty", "5", "30"),
        ("Výdej", brno, "", "Comirnaty", "1", "6"),
        ("Výdej", brno, "", "Comirnaty", "2", "12"),
    ]


def test_what_was_reversed_is_not_published(tmp_path: Path, store: Store) -> None:
    item = make_vials("EJ6797")
    ledger.reverse(document=ledger.receive(store=store, lines=[EntryLine(item, 7)], context=ACT), context=ACT)
    ledger.receive(store=store, lines=[EntryLine(item, 5)], context=ACT)
    ledger.reverse(document=ledger.open_vials(store=store, item=item, vials=1, context=ACT), context=ACT)
    assert [row[-1] for row in moves(tmp_path)] == ["30"]
    assert exported(tmp_path, export.CONSUMPTION) == []


def test_a_day_of_a_site_is_one_row_of_consumption(tmp_path: Path, store: Store) -> None:
    item, material = make_vials("EJ6797"), items.material_item(Material.objects.get(pk="swab"))
    ledger.receive(store=store, lines=[EntryLine(item, 10), EntryLine(material, 100)], context=ACT)
    for _number in range(2):
        opening = ledger.open_vials(store=store, item=item, vials=1, doses=7, context=ACT)
    opened = opening.movements.get(item__storage=StorageCondition.OPEN).item
    ledger.consume(store=store, item=opened, doses=12, context=ACT)
    ledger.consume(store=store, item=material, doses=20, context=ACT)
    ledger.waste(
        store=store,
        lines=[EntryLine(opened, 2), EntryLine(item, 1), EntryLine(material, 3)],
        reason="SPOILED",
        context=ACT,
    )
    ledger.waste(store=store, lines=[EntryLine(item, 3)], reason="BROKEN", context=NEXT_DAY)
    rows = [list(row.values()) for row in exported(tmp_path, export.CONSUMPTION)]
    site = [str(store.site_id), "Výstaviště Brno", "CZ064", "Jihomoravský kraj", "Comirnaty", "Pfizer"]
    assert rows == [["2027-01-11", *site, "2", "1", "12", "8"], ["2027-01-12", *site, "0", "3", "0", "18"]]


def test_sites_are_published_as_the_ministry_writes_them(tmp_path: Path) -> None:
    store_in_brno(
        'Nemocnice "U sv. Anny"',
        latitude="49.19",
        longitude="16.5999",
        kind="LARGE",
        facility_code="00064190000",
        minimal_capacity=300,
        is_step_free=False,
    )
    store_in_brno("Ateliér", district_id=None, region=Region.objects.get(pk="CZ010"), kind="", state="PAUSED")
    store_in_brno("Sklad", is_public=False)
    store_in_brno("Nová", state="PREPARING")
    export.export(folder=tmp_path)
    _header, *lines, end = (tmp_path / export.SITES).read_bytes().decode().split("\r\n")
    assert [line.partition(",")[2] for line in lines] == [
        'Ateliér,,0,"Brno, Výstaviště 1",,,,0,0,',
        '"Nemocnice ""U sv. Anny""",CZ0642,1,"Brno, Výstaviště 1",49.1900000,16.5999000,VOČM,64190000,300,0',
    ]
    assert end == ""


def test_a_vaccine_that_the_ministry_never_published_goes_by_its_name(tmp_path: Path, store: Store) -> None:
    Vaccine.objects.create(code="nova", name="Nová vakcína", manufacturer="Sotio")
    ledger.receive(
        store=store, lines=[EntryLine(make_vials("NV001", vaccine="nova", doses_per_vial=5), 2)], context=ACT
    )
    assert moves(tmp_path)[0][3:] == ("Nová vakcína", "2", "10")


def test_the_command_makes_the_folder_and_leaves_nothing_half_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    call_command("export_open_data", str(folder))
    assert f"rows of {folder / export.SITES} 0" in " ".join(capsys.readouterr().out.split())
    assert sorted(path.name for path in folder.iterdir()) == sorted(export.COLUMNS)
    (tmp_path / "file").touch()
    with pytest.raises(CommandError):
        call_command("export_open_data", str(tmp_path / "file"))
