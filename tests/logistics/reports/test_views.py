"""Pages of reports: who may open them, what they show, and the files to download."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crs import csv_download
from logistics.models import Batch, Region, Role, StockItem, Store
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from tests.factories import context, make_batch, make_distributor, make_staff, make_store, make_vials, opened
from tests.pages import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BRNO, TABOR = "CZ064", "CZ031"
NAMES = ("zasoby", "spotreba", "znehodnoceni")


@pytest.fixture
def batch() -> Batch:
    return make_batch()


@pytest.fixture
def vials(batch: Batch) -> StockItem:
    return make_vials()


@pytest.fixture
def brno(vials: StockItem) -> Store:
    return _store("Výstaviště Brno", "CZ0642", vials)


@pytest.fixture
def tabor(vials: StockItem) -> Store:
    return _store("Nemocnice Tábor", "CZ0317", vials)


@pytest.fixture
def avenier(vials: StockItem) -> Store:
    return make_distributor(EntryLine(vials, 100))


def _store(name: str, district: str, vials: StockItem) -> Store:
    store = make_store(EntryLine(vials, 10), name=name, district=district)
    remains = opened(ledger.open_vials(store=store, item=vials, vials=2, doses=13, context=context()))
    ledger.consume(store=store, item=remains, doses=9, context=context())
    ledger.waste(store=store, lines=[EntryLine(remains, 1)], reason="SPOILED", context=context())
    return store


def _client(user: User) -> Client:
    client = Client()
    log_in(client, user)
    return client


def _of_site(store: Store, role: Role = Role.MANAGER) -> Client:
    return _client(make_staff(role, site=store.site))


def _of_region(code: str) -> Client:
    return _client(make_staff(Role.REGION, region=Region.objects.get(pk=code)))


@pytest.fixture
def ministry() -> Client:
    return _client(make_staff(Role.MINISTRY))


@pytest.fixture
def distributor() -> Client:
    return _client(make_staff(Role.DISTRIBUTOR))


def _report(store: Store) -> str:
    return reverse("logistics:store_report", args=[store.pk])


def _region(code: str) -> str:
    return reverse("logistics:region_report", args=[code])


def _status(client: Client, address: str) -> int:
    return int(client.get(address).status_code)


def _rows(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


# --- who may open what ---


def test_the_ministry_goes_down_from_the_country_to_a_store(ministry: Client, brno: Store, avenier: Store) -> None:
    page = ministry.get(reverse("logistics:overview")).content.decode()
    for address in (_region(BRNO), _report(avenier)):
        assert f'href="{address}?' in page
    assert f'href="{_report(brno)}?' in ministry.get(_region(BRNO)).content.decode()
    assert _status(ministry, _report(brno)) == 200


def test_a_site_sees_its_own_store_only(brno: Store, tabor: Store, avenier: Store) -> None:
    client = _of_site(brno)
    assert _status(client, _report(brno)) == 200
    answer = client.get(reverse("logistics:overview"))
    assert answer.headers["Location"] == _report(brno)
    outside = [_report(tabor), _report(avenier), _region(BRNO), _region(TABOR)]
    assert [_status(client, address) for address in outside] == [404] * 4
    files = [f"{address}{name}.csv" for address in [*outside, reverse("logistics:overview")] for name in NAMES]
    assert {_status(client, address) for address in files} == {404}


def test_a_region_sees_its_stores_and_not_another_region(brno: Store, tabor: Store) -> None:
    client = _of_region(BRNO)
    assert client.get(reverse("logistics:overview")).headers["Location"] == _region(BRNO)
    assert [_status(client, address) for address in (_region(BRNO), _report(brno))] == [200, 200]
    assert [_status(client, address) for address in (_region(TABOR), _report(tabor))] == [404, 404]


def test_a_distributor_sees_the_own_store(distributor: Client, brno: Store, avenier: Store) -> None:
    assert distributor.get(reverse("logistics:overview")).headers["Location"] == _report(avenier)
    assert _status(distributor, _report(brno)) == 404


def test_who_works_at_two_sites_chooses(brno: Store, tabor: Store) -> None:
    user = make_staff(Role.MANAGER, site=brno.site, name="petra")
    make_staff(Role.VACCINATOR, site=tabor.site, name="petra")
    page = _client(user).get(reverse("logistics:overview")).content.decode()
    assert _report(brno) in page
    assert _report(tabor) in page


def test_without_a_role_there_is_nothing(batch: Batch) -> None:
    client = _client(User.objects.create_user("nobody", is_staff=True))
    for address in (
        reverse("logistics:overview"),
        reverse("logistics:batches"),
        reverse("logistics:batch", args=[batch.pk]),
    ):
        assert _status(client, address) == 404


def test_a_stranger_is_asked_to_log_in(brno: Store, batch: Batch) -> None:
    block = reverse("logistics:batch_block", args=[batch.pk])
    for address in (_report(brno), reverse("logistics:batches"), block):
        assert Client().get(address).headers["Location"].startswith(reverse("accounts:log_in"))


# --- what the pages show ---


def test_a_report_shows_stock_use_and_waste(brno: Store) -> None:
    page = _of_site(brno).get(_report(brno)).content.decode()
    assert "EJ6797" in page
    assert "<svg" in page
    assert "fill-0" in page
    assert ' style="' not in page
    assert "10,00" in page  # 1 of 10 doses wasted, in Czech


def test_a_period_without_use_leads_to_the_last_one(brno: Store) -> None:
    page = _of_site(brno).get(_report(brno), {"od": "2021-03-01", "do": "2021-03-31"}).content.decode()
    assert f"do={timezone.localdate()}" in page
    assert '<svg class="lgs-chart"' not in page


@pytest.mark.parametrize(
    "query",
    [
        {"od": "2021-03-31", "do": "2021-03-01"},
        {"od": "2001-01-01", "do": "2021-03-01"},
        {"od": "nonsense"},
        {"od": "0001-01-01"},
        {"do": "0001-01-01"},
        {"od": "9999-12-31"},
        {"do": "9999-12-31"},
    ],
)
def test_any_period_gets_a_page_and_a_file(brno: Store, query: dict[str, str]) -> None:
    client = _of_site(brno)
    assert client.get(_report(brno), query).status_code == 200
    assert client.get(f"{_report(brno)}spotreba.csv", query).status_code == 200


def test_a_report_asks_few_questions(brno: Store, ministry: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20):
        ministry.get(reverse("logistics:overview"))
    with django_assert_max_num_queries(20):
        ministry.get(_report(brno))


def test_the_files_say_what_the_page_says(brno: Store) -> None:
    client = _of_site(brno)
    stock = _rows(client, f"{_report(brno)}zasoby.csv")
    assert stock[1][:2] == ["Comirnaty", "EJ6797"]
    assert stock[1][4:7] == ["8", "48", "3"]
    assert _rows(client, f"{_report(brno)}spotreba.csv")[1:] == [[str(timezone.localdate()), "9", "9"]]
    waste = _rows(client, f"{_report(brno)}znehodnoceni.csv")
    assert waste[-1][2:] == ["0", "1", "9", "1", "10,00"]
    assert _status(client, f"{_report(brno)}neco.csv") == 404


def test_no_text_becomes_a_formula_in_a_spreadsheet() -> None:
    evil: list[csv_download.Cell] = ['=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "Brno; sever", -5]
    answer = csv_download.download("probe", [evil])
    (row,) = csv.reader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert row == ["'" + str(cell) for cell in evil[:5]] + ["Brno; sever", "-5"]


def test_a_number_of_a_batch_is_nothing_that_a_spreadsheet_changes() -> None:
    changed = ("22E1", "10-12", "00123", "1/2", "3.27", "MAR27", "LED2027", "TRUE", "123456789012", "'1", "3B", "1,5")
    kept = ("", "EJ6797", "3001651", "0", "AB/123", "ABV5300", "A-10", "MARK1X")
    assert [csv_download.written(csv_download.Code(code)) for code in changed] == [f"'{code}" for code in changed]
    assert [csv_download.written(csv_download.Code(code)) for code in kept] == [*kept]
