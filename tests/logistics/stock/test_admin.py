"""The administration of stock: each member of staff sees the rows of their stores, nobody writes."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from logistics.models import Batch, Material, Role, Store
from logistics.stock.ledger import EntryLine
from tests.factories import make_batch, make_staff, make_store, make_vials
from tests.pages import log_in

pytestmark = pytest.mark.django_db

SCOPED = ("store", "stockdocument", "stockbalance")


def _list(model: str) -> str:
    return f"/admin/logistics/{model}/"


@pytest.fixture
def batch() -> Batch:
    return make_batch()


@pytest.fixture
def stores(batch: Batch) -> tuple[Store, Store]:
    line = EntryLine(make_vials(), 10)
    return make_store(line, name="A"), make_store(line, name="B")


@pytest.fixture
def keeper(stores: tuple[Store, Store]) -> Client:
    client = Client()
    log_in(client, make_staff(Role.STOCK_KEEPER, site=stores[0].site))
    return client


def _count(client: Client, address: str) -> int:
    count: int = client.get(address).context["cl"].result_count
    return count


@pytest.mark.parametrize("model", SCOPED)
def test_a_list_holds_the_rows_of_the_own_stores(
    model: str, keeper: Client, admin_client: Client, stores: tuple[Store, Store]
) -> None:
    assert (_count(keeper, _list(model)), _count(admin_client, _list(model))) == (1, 2)


def test_a_row_of_another_store_is_not_opened(keeper: Client, stores: tuple[Store, Store]) -> None:
    for store, status in zip(stores, (200, 302), strict=True):
        document, balance = store.documents.get(), store.balances.get()
        for model, pk in (("store", store.pk), ("stockdocument", document.pk), ("stockbalance", balance.pk)):
            answer = keeper.get(f"{_list(model)}{pk}/change/")
            assert answer.status_code == status
            if status == 302:
                assert answer.headers["Location"] == "/admin/"


def test_nobody_writes(admin_client: Client, stores: tuple[Store, Store], batch: Batch) -> None:
    for model in (*SCOPED, "batch"):
        assert admin_client.get(f"{_list(model)}add/").status_code == 403
    assert admin_client.post(f"{_list('batch')}{batch.pk}/change/", {"number": "X"}).status_code == 403
    assert admin_client.post(f"{_list('stockdocument')}{stores[0].documents.get().pk}/delete/").status_code == 403


def test_a_batch_leads_to_its_page(keeper: Client, batch: Batch) -> None:
    assert f'href="/sklad/sarze/{batch.pk}/"' in keeper.get(_list("batch")).content.decode()


def test_a_document_is_found_by_its_number_and_shows_its_movements(keeper: Client, stores: tuple[Store, Store]) -> None:
    mine, other = (store.documents.get() for store in stores)
    assert _count(keeper, f"{_list('stockdocument')}?q={mine.number}") == 1
    pasted = f"\u202a{mine.number.replace('-', '–')}\u202c"
    assert _count(keeper, f"{_list('stockdocument')}?q={pasted}") == 1
    assert _count(keeper, f"{_list('stockdocument')}?q={other.number}") == 0
    assert _count(keeper, f"{_list('stockdocument')}?q=A") == 1
    page = keeper.get(f"{_list('stockdocument')}{mine.pk}/change/").content.decode()
    assert "Comirnaty EJ6797" in page


def _questions(client: Client, address: str) -> int:
    """How many questions the page asks the database, when what is kept for a process is known."""
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


@pytest.mark.parametrize("model", SCOPED)
def test_a_list_asks_as_many_questions_for_many_rows(
    model: str, admin_client: Client, stores: tuple[Store, Store]
) -> None:
    few = _questions(admin_client, _list(model))
    for number in range(5):
        make_store(EntryLine(make_vials(f"NEW{number}"), 1), name=f"C{number}")
    assert _count(admin_client, _list(model)) == 7
    assert _questions(admin_client, _list(model)) == few


def test_without_a_role_stock_is_not_there(stores: tuple[Store, Store]) -> None:
    client = Client()
    log_in(client, User.objects.create_user("nobody", is_staff=True))
    for model in (*SCOPED, "batch"):
        assert client.get(_list(model)).status_code == 403


def test_only_the_ministry_edits_materials_and_others_look(keeper: Client) -> None:
    address = f"{_list('material')}swab/"
    shown = keeper.get(f"{address}change/")
    assert shown.status_code == 200
    assert b'name="_save"' not in shown.content
    assert keeper.post(f"{address}change/", {"name": "x"}).status_code == 403
    assert keeper.get(f"{address}delete/").status_code == 403
    log_in(keeper, make_staff(Role.MINISTRY))
    assert keeper.post(f"{address}change/", {"name": "Tampon", "name_cs": "Tampon"}).status_code == 302
    assert Material.objects.get(pk="swab").name == "Tampon"
