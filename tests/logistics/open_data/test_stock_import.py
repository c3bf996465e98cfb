"""The ministry's stock files: sound rows become documents of the ledger, the others are reported with the reason."""

import csv
import gzip
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from logistics.models import Batch, StockBalance, StockDocument, StockMovement, Store, VaccinationSite
from logistics.open_data import export
from logistics.open_data.site_import import import_sites
from logistics.open_data.stock_import import RowOutcome, StockImport, import_stock
from logistics.open_data.stock_rows import COLUMNS, Measure, Table
from logistics.stock import ledger_check
from tests import open_data
from tests.factories import NOW, make_site, make_store, make_vials, put
from tests.open_data import needs_open_data
from tests.race import race

A, B, C = (UUID(f"00000000-0000-4000-8000-00000000000{number}") for number in (1, 2, 3))
NAMES = {A: "Nemocnice A", B: "Poliklinika B", C: "Sportovní hala C"}
Write = Callable[..., Path]
pytestmark = pytest.mark.django_db


def receipt(day: str, site: UUID, vials: int, **changes: object) -> dict[str, object]:
    return issue(day, site, None, vials, **{"akce": "Příjem"} | changes)


def issue(day: str, site: UUID, target: UUID | None, vials: int, **changes: object) -> dict[str, object]:
    return {
        "datum": day,
        "ockovaci_misto_id": site,
        "ockovaci_misto_nazev": NAMES[site],
        "kraj_nuts_kod": "CZ064",
        "cilove_ockovaci_misto_id": target or "",
        "cilove_ockovaci_misto_nazev": NAMES[target] if target else "",
        "cilovy_kraj_kod": "CZ064" if target else "",
        "ockovaci_latka": "Comirnaty",
        "akce": "Výdej",
        "pocet_ampulek": vials,
        "pocet_davek": vials * 6,
    } | changes


def consumption(day: str, site: UUID, used: int, wasted: int = 0, **changes: object) -> dict[str, object]:
    return {
        "datum": day,
        "ockovaci_misto_id": site,
        "ockovaci_misto_nazev": NAMES[site],
        "kraj_nuts_kod": "CZ064",
        "ockovaci_latka": "Comirnaty",
        "pouzite_ampulky": used,
        "znehodnocene_ampulky": wasted,
        "pouzite_davky": used * 6,
        "znehodnocene_davky": wasted * 6,
    } | changes


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of the table with the given rows."""

    def make(table: Table, *rows: dict[str, object], name: str = "") -> Path:
        path = tmp_path / (name or f"{table}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, sorted(COLUMNS[table]))
            lines.writeheader()
            lines.writerows(rows)
        return path

    return make


@pytest.fixture
def distribute(write: Write) -> Callable[..., StockImport]:
    """Import these rows of distribution."""
    return lambda *rows: import_stock(path=write(Table.DISTRIBUTION, *rows), table=Table.DISTRIBUTION, now=NOW)


@pytest.fixture
def consume(write: Write) -> Callable[..., StockImport]:
    """Import these rows of consumption."""
    return lambda *rows: import_stock(path=write(Table.CONSUMPTION, *rows), table=Table.CONSUMPTION, now=NOW)


def balances() -> dict[UUID | None, int]:
    """Closed vials by site."""
    some = StockBalance.objects.present().filter(item__storage="STORED").order_by()
    return dict(some.values_list("store__site").annotate(vials=Sum("quantity")))


def kinds() -> Counter[str]:
    return Counter(StockDocument.objects.values_list("kind", flat=True))


def outcome(result: StockImport, which: RowOutcome) -> Counter[Measure]:
    return +result.totals["Comirnaty"][which]


def reasons(result: StockImport) -> dict[int, str]:
    """The reason by line."""
    return {problem.line: problem.reason for problem in result.problems}


def test_receipts_and_issues_become_documents_of_their_day(distribute: Callable[..., StockImport]) -> None:
    result = distribute(
        receipt("2021-01-10", A, 20),
        issue("2021-01-11", A, B, 8),
        issue("2021-01-12", A, None, 2),
        receipt("2021-01-12", B, 1),
    )
    assert not result.problems
    assert balances() == {A: 10, B: 9}
    assert kinds() == {"ESTABLISHMENT": 2, "RECEIPT": 2, "DISPATCH": 1, "DELIVERY": 1, "ISSUE": 1}
    delivery = StockDocument.objects.get(kind="DELIVERY")
    assert delivery.confirms is not None
    assert (delivery.happened_on, delivery.confirms.kind, delivery.recorded_by) == (date(2021, 1, 11), "DISPATCH", None)
    assert delivery.counterpart == delivery.confirms.store
    assert not StockDocument.objects.in_transit().exists()
    established = StockDocument.objects.filter(kind="ESTABLISHMENT").order_by("happened_on")
    assert [document.happened_on for document in established] == [date(2021, 1, 10), date(2021, 1, 11)]
    assert outcome(result, RowOutcome.TAKEN) == {
        Measure.RECEIPTS: 2,
        Measure.RECEIVED: 126,
        Measure.ISSUES: 2,
        Measure.ISSUED: 60,
    }


def test_a_day_of_consumption_opens_uses_and_throws_away(
    distribute: Callable[..., StockImport], consume: Callable[..., StockImport]
) -> None:
    distribute(receipt("2021-01-10", A, 20))
    result = consume(consumption("2021-01-11", A, 5, 1), consumption("2021-01-12", A, 0, 2))
    assert not result.problems
    assert balances() == {A: 12}
    assert {balance.quantity for balance in StockBalance.objects.filter(item__storage="OPEN")} == {0}
    assert kinds() == {"ESTABLISHMENT": 1, "RECEIPT": 1, "OPENING": 1, "CONSUMPTION": 1, "WASTE": 2}
    assert ledger_check.differences() == []
    used = StockMovement.objects.get(document__kind="CONSUMPTION")
    assert (used.quantity, used.item.use_by, used.item.batch and used.item.batch.number) == (-30, None, "")
    assert outcome(result, RowOutcome.TAKEN) == {Measure.ROWS: 2, Measure.USED: 30, Measure.WASTED: 18}


def test_sites_that_nobody_knows_are_made_closed_and_hidden_and_the_list_shows_them_later(
    distribute: Callable[..., StockImport], tmp_path: Path
) -> None:
    make_site("B", "CZ0642", pk=B)
    assert distribute(receipt("2021-01-10", A, 2), issue("2021-01-10", A, B, 1)).new_sites == 1
    site = VaccinationSite.objects.get(pk=A)
    assert (site.name, site.state, site.is_public, site.lies_in.code) == ("Nemocnice A", "CLOSED", False, "CZ064")
    path = tmp_path / "sites.csv"
    header, row = export.COLUMNS[export.SITES], f"{A},Nemocnice A,CZ0642,1,Brno,,,OČM,0,30,"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert import_sites(path=path).updated == 1
    site.refresh_from_db()
    assert (site.state, site.is_public, site.district_id, site.region_id) == ("OPEN", True, "CZ0642", None)


def test_each_bad_row_of_distribution_is_reported_with_its_line_reason_and_amounts(
    distribute: Callable[..., StockImport],
) -> None:
    day = "2021-01-10"
    result = distribute(
        receipt(day, A, 10),
        issue(day, A, A, 1),
        issue(day, A, B, 11),
        receipt(day, A, 10, ockovaci_latka="Sputnik V"),
        receipt(day, A, 10, pocet_davek=61),
        receipt(day, A, 10, pocet_davek=210),
        receipt(day, A, 0),
        receipt(day, A, 10, pocet_ampulek="deset"),
        receipt(day, A, 10, pocet_ampulek="-10"),
        receipt(day, A, 10, kraj_nuts_kod="CZ999"),
        issue(day, A, B, 1, cilovy_kraj_kod=""),
        receipt("2021-02-30", A, 10),
        receipt("10.1.2021", A, 10),
        receipt("2020-04-28", A, 10),
        receipt("2027-01-12", A, 10),
        receipt(day, A, 10, akce="Převod"),
        receipt(day, A, 10, ockovaci_misto_id="1234"),
        receipt(day, B, 10, ockovaci_misto_nazev=""),
        receipt(day, A, 10, cilove_ockovaci_misto_id=B),
        receipt(day, A, 2_000_000),
    )
    said = reasons(result)
    assert list(said) == list(range(3, 22))
    assert "to itself" in said[3]
    assert "only 10 vials (60 doses), what it holds at the end of 2021-01-10 (vials: 11, doses: 66)" in said[4]
    assert "Sputnik V" in said[5]
    assert "61 doses cannot be in 10 vials" in said[6]
    assert "all amounts are 0" in said[8]
    assert "deset" in said[9]
    assert "CZ999" in said[11]
    assert said[12].endswith("(vials: 1, doses: 6)")
    assert "first vaccine" in said[15]
    assert "still to come" in said[16]
    assert balances() == {A: 10}
    assert result.unreadable_rows == 3
    for outcomes in result.totals.values():
        assert outcomes[RowOutcome.READ] == outcomes[RowOutcome.TAKEN] + outcomes[RowOutcome.REPORTED]
    assert set(result.totals) == {"Comirnaty", "Sputnik V"}


def test_each_bad_row_of_consumption_is_reported(
    distribute: Callable[..., StockImport], consume: Callable[..., StockImport]
) -> None:
    distribute(receipt("2021-01-10", A, 10))
    result = consume(
        consumption("2021-01-11", A, 0),
        consumption("2021-01-11", A, 9, 2),
        consumption("2021-01-11", A, 2, 2, znehodnocene_davky=10),
        consumption("2021-01-11", A, 0, pouzite_davky=6),
        consumption("2021-01-09", A, 1),
        consumption("2021-01-11", A, 10),
    )
    assert list(reasons(result)) == [2, 3, 4, 5, 6]
    assert "nothing to record" in reasons(result)[2]
    assert "vials used: 9, doses used: 54, vials wasted: 2, doses wasted: 12" in reasons(result)[3]
    assert "the same number of doses" in reasons(result)[4]
    assert balances() == {}


def test_a_chain_of_one_day_is_taken_in_whatever_order_it_stands(distribute: Callable[..., StockImport]) -> None:
    result = distribute(
        issue("2021-01-10", C, None, 3),
        issue("2021-01-10", B, C, 4),
        issue("2021-01-10", A, B, 5),
        receipt("2021-01-10", A, 6),
    )
    assert not result.problems
    assert balances() == {A: 1, B: 1, C: 1}


def test_a_row_that_would_empty_a_later_day_is_refused(distribute: Callable[..., StockImport]) -> None:
    distribute(receipt("2021-01-10", A, 10), issue("2021-01-20", A, None, 10), receipt("2021-01-30", A, 10))
    result = distribute(issue("2021-01-15", A, None, 1))
    assert "only 0 vials (0 doses), what it holds at the end of 2021-01-20" in reasons(result)[2]
    assert balances() == {A: 10}


def test_what_a_later_row_makes_sound_is_taken_in_the_same_run(distribute: Callable[..., StockImport]) -> None:
    distribute(receipt("2021-01-10", A, 10), issue("2021-01-20", A, None, 10))
    rows = (issue("2021-01-15", A, None, 4), receipt("2021-01-18", A, 5))
    assert not distribute(*rows).problems
    assert balances() == {A: 1}
    assert distribute(*rows).documents == 0


def test_what_staff_recorded_counts_too(distribute: Callable[..., StockImport]) -> None:
    put(make_store(name="A", pk=A), make_vials("", expires_on=None), 5)
    assert distribute(issue("2027-01-10", A, None, 1), issue("2027-01-11", A, None, 4)).documents == 1
    assert balances() == {A: 1}
    assert Store.objects.count() == 1


def test_equal_rows_are_meant_and_a_second_run_recognises_each(distribute: Callable[..., StockImport]) -> None:
    rows = [receipt("2021-01-10", A, 10), *[issue("2021-01-10", A, None, 2)] * 3]
    assert distribute(*rows).documents == 5
    again = distribute(*rows)
    assert (again.documents, again.problems) == (0, [])
    assert outcome(again, RowOutcome.TAKEN_BEFORE) == outcome(again, RowOutcome.READ)
    # A later edition of the file, with one more of them and the name spelled anew.
    assert distribute(*rows, issue("2021-01-10", A, None, 2, ockovaci_misto_nazev="A")).documents == 1
    assert balances() == {A: 2}


def test_consumption_is_reported_until_the_distribution_is_there(
    distribute: Callable[..., StockImport], consume: Callable[..., StockImport]
) -> None:
    rows = [consumption("2021-01-11", A, 4), consumption("2021-01-12", A, 6)]
    first = consume(*rows)
    assert (len(first.problems), first.documents, first.new_sites, StockDocument.objects.count()) == (2, 0, 0, 0)
    assert not VaccinationSite.objects.exists()
    distribute(receipt("2021-01-10", A, 10))
    assert not consume(*rows).problems
    assert balances() == {}


def test_what_is_blocked_may_come_in_but_not_be_used(distribute: Callable[..., StockImport]) -> None:
    Batch.objects.create(vaccine_id="comirnaty", number="", blocked_at=NOW, block_reason="Recall")
    result = distribute(receipt("2021-01-10", A, 10), issue("2021-01-10", A, B, 1))
    assert "Recall" in reasons(result)[3]
    assert balances() == {A: 10}


def test_the_command_reports_sums_up_and_writes_nothing_when_dry(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(
        Table.DISTRIBUTION, receipt("2021-01-10", A, 10), issue("2021-01-10", A, B, 3), issue("2021-01-10", B, None, 4)
    )
    call_command("import_stock_distribution", str(path), "--dry-run")
    dry = capsys.readouterr()
    assert not StockDocument.objects.exists()
    assert not VaccinationSite.objects.exists()
    call_command("import_stock_distribution", str(path))
    wet = capsys.readouterr()
    assert "distribution.csv, line 4: Poliklinika B, Comirnaty, 2021-01-10: not enough stock" in wet.err == dry.err
    lines = [re.split(r"\s{2,}", line.strip()) for line in wet.out.splitlines()]
    numbers = {label: figures for label, *figures in lines if label.startswith("Comirnaty")}
    assert numbers["Comirnaty, receipts, doses"] == ["60", "60", "0", "0"]
    assert numbers["Comirnaty, issues, doses"] == ["42", "18", "0", "24"]
    assert numbers["Comirnaty, issues, rows"] == ["2", "1", "0", "1"]
    for out in (dry.out, wet.out):
        told = " ".join(out.split())
        assert "rows 3 rows reported 1" in told
        assert "new documents 5 new stores 2 new sites" in told
    assert "dry run, nothing is written" in dry.out
    assert "rows a second" in wet.out


def test_a_file_of_no_use_is_refused_as_a_whole(write: Write, tmp_path: Path) -> None:
    other = write(Table.CONSUMPTION, consumption("2021-01-10", A, 1))
    cut = tmp_path / "cut.csv.gz"
    rows = (receipt("2021-01-10", A, number) for number in range(1, 3000))
    packed = gzip.compress(write(Table.DISTRIBUTION, *rows).read_bytes())
    cut.write_bytes(packed[: len(packed) // 2])
    for path in (other, cut, tmp_path / "missing.csv"):
        with pytest.raises(CommandError):
            call_command("import_stock_distribution", str(path))
    assert not StockDocument.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_take_each_row_once(write: Write) -> None:
    path = write(Table.DISTRIBUTION, receipt("2021-01-10", A, 9), *[issue("2021-01-10", A, B, 3)] * 3)
    both = race(*[partial(import_stock, path=path, table=Table.DISTRIBUTION, now=NOW)] * 2)
    assert sorted(result.documents for result in both) == [0, 9]
    assert balances() == {B: 9}


@needs_open_data
def test_the_ministrys_files_are_taken_recognised_and_published_again(tmp_path: Path) -> None:
    import_sites(path=open_data.FOLDER / "vaccination-sites.csv")
    results = {table: import_stock(path=file_of(table), table=table, now=NOW) for table in Table}
    totals = {table: results[table].totals for table in Table}
    received, used = totals[Table.DISTRIBUTION]["Comirnaty"], totals[Table.CONSUMPTION]["Comirnaty"]
    assert (received[RowOutcome.READ][Measure.RECEIVED], received[RowOutcome.TAKEN][Measure.RECEIVED]) == (
        5_813_202,
    ) * 2
    assert (used[RowOutcome.READ][Measure.USED], used[RowOutcome.READ][Measure.WASTED]) == (4_995_546, 1_284)
    assert totals[Table.CONSUMPTION]["COVID-19 Vaccine Moderna"][RowOutcome.READ][Measure.USED] == 317_320
    assert [len(results[table].problems) for table in Table] == [142, 500]
    assert results[Table.DISTRIBUTION].new_sites == 82
    assert ledger_check.differences() == []

    again = import_stock(path=file_of(Table.DISTRIBUTION), table=Table.DISTRIBUTION, now=NOW)
    assert (again.documents, list(reasons(again))) == (0, list(reasons(results[Table.DISTRIBUTION])))

    export.export(folder=tmp_path)
    for table, name in ((Table.DISTRIBUTION, export.DISTRIBUTION), (Table.CONSUMPTION, export.CONSUMPTION)):
        reported = {problem.line for problem in results[table].problems}
        taken = [row for line, row in enumerate(published_rows(file_of(table)), start=2) if line not in reported]
        assert Counter(published_rows(tmp_path / name)) == Counter(taken)
    sites = export.SITES
    assert Counter(published_rows(tmp_path / sites)) == Counter(published_rows(open_data.FOLDER / sites))


def file_of(table: Table) -> Path:
    return open_data.FOLDER / f"stock-{table}.csv.gz"


def published_rows(path: Path) -> list[tuple[str, ...]]:
    """The lines after the header as they stand, each run of spaces as one; none of the files has a break in a value."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [(" ".join(line.split()).replace(' "', '"'),) for line in content.decode("utf-8-sig").splitlines()[1:]]
