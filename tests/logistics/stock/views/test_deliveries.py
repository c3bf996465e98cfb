"""From store to store: sending, counting what came, both sides of it, and the note on paper."""

from uuid import uuid4

import pytest
from django.test import Client

from crs import slow_work
from logistics.models import Role, StockDocument, StockItem, Store, VaccinationSite
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from tests.factories import balance, context, make_staff, make_store, make_vials, put
from tests.logistics.stock.conftest import page
from tests.pages import browser, log_in, send_form, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Kind = StockDocument.Kind


@pytest.fixture
def here() -> Store:
    return make_store(name="Nemocnice Tábor")


@pytest.fixture
def there() -> Store:
    return make_store(name="Poliklinika Písek")


@pytest.fixture
def vials(there: Store) -> StockItem:
    item = make_vials()
    put(there, item, 10)
    return item


@pytest.fixture
def dispatch(here: Store, there: Store, vials: StockItem) -> StockDocument:
    return ledger.send(store=there, to=here, lines=[EntryLine(vials, 4)], context=context())


@pytest.fixture
def keeper(client: Client, here: Store) -> Client:
    log_in(client, make_staff(Role.STOCK_KEEPER, site=here.site))
    return client


@pytest.fixture
def sender(there: Store) -> Client:
    return log_in(browser(), make_staff(Role.STOCK_KEEPER, site=there.site))


def test_where_to_is_found_by_name_and_a_closed_site_is_not_offered(sender: Client, here: Store, there: Store) -> None:
    make_store(name="Zavřené místo")
    VaccinationSite.objects.filter(name="Zavřené místo").update(state="CLOSED")
    shown = sender.get(page("send", there)).content.decode()
    assert f"?kam={here.pk}" in shown
    assert "Zavřené místo" not in shown
    assert f"?kam={there.pk}" not in shown
    found = sender.get(page("send", there) + "?hledej=tábor").content.decode()
    assert f"?kam={here.pk}" in found
    assert f"?kam={here.pk}" not in sender.get(page("send", there) + "?hledej=brno").content.decode()


def test_vials_go_from_store_to_store(
    sender: Client, keeper: Client, here: Store, there: Store, vials: StockItem
) -> None:
    path = page("send", there) + f"?kam={here.pk}"
    assert f'name="item-{vials.pk}"' in sender.get(path).content.decode()
    refused = send_form(sender, path, **{f"item-{vials.pk}": 11, "note": "in the blue box"})
    assert "holds only 10" in summary(refused)
    assert 'value="in the blue box"' in refused.content.decode()
    sent = send_form(sender, path, **{f"item-{vials.pk}": 4})
    dispatch = StockDocument.objects.get(kind=Kind.DISPATCH)
    shown = sender.get(sent.headers["Location"]).content.decode()
    assert "Sent and not confirmed yet" in shown
    assert page("delivery_note", there, dispatch.pk) in shown

    confirm = page("delivery", here, dispatch.pk)
    assert confirm in keeper.get(page("store", here)).content.decode()
    assert f'name="item-{vials.pk}" value="4"' in keeper.get(confirm).content.decode()
    key = uuid4()
    for _click in range(2):
        done = send_form(keeper, confirm, form_key=key, **{f"item-{vials.pk}": 4})
        assert done.status_code == 302
    assert (balance(there, vials), balance(here, vials)) == (6, 4)
    again = keeper.get(confirm)
    delivery = StockDocument.objects.get(kind=Kind.DELIVERY)
    assert again.headers["Location"] == page("document", here, delivery.pk)
    late = send_form(keeper, confirm, **{f"item-{vials.pk}": 4})
    assert "not on its way any more" in summary(late)


def test_a_difference_needs_its_reason_and_both_sides_see_it(
    sender: Client, keeper: Client, here: Store, there: Store, vials: StockItem, dispatch: StockDocument
) -> None:
    confirm = page("delivery", here, dispatch.pk)
    refused = send_form(keeper, confirm, **{f"item-{vials.pk}": 3})
    assert "Choose the reason of the difference" in summary(refused)
    assert 'value="3"' in refused.content.decode()
    send_form(keeper, confirm, **{f"item-{vials.pk}": 3, "reason": "BROKEN"})
    delivery = StockDocument.objects.get(kind=Kind.DELIVERY)
    for client, path in (
        (keeper, page("document", here, delivery.pk)),
        (sender, page("document", there, dispatch.pk)),
    ):
        shown = text_of(client.get(path))
        assert "What came differs" in shown
        assert "4 vials 3 vials −1 vial" in shown
        assert "broken or leaking" in shown


def test_a_dispatch_is_reversed_until_it_is_confirmed(
    sender: Client, there: Store, here: Store, vials: StockItem, dispatch: StockDocument
) -> None:
    assert send_form(sender, page("reverse", there, dispatch.pk)).status_code == 302
    assert balance(there, vials) == 10
    second = ledger.send(store=there, to=here, lines=[EntryLine(vials, 4)], context=context())
    ledger.confirm_delivery(dispatch=second, counted={vials.pk: 4}, context=context())
    assert page("reverse", there, second.pk) not in sender.get(page("document", there, second.pk)).content.decode()
    assert "has confirmed this delivery already" in summary(send_form(sender, page("reverse", there, second.pk)))


def test_vials_leave_the_network_to_somebody_named(sender: Client, there: Store, vials: StockItem) -> None:
    path = page("send", there) + "?kam=ven"
    refused = send_form(sender, path, **{f"item-{vials.pk}": 2})
    assert "Write who takes it over" in summary(refused)
    send_form(sender, path, **{f"item-{vials.pk}": 2, "outside_party": "MUDr. Nováková"})
    assert StockDocument.objects.get(kind=Kind.ISSUE).outside_party == "MUDr. Nováková"
    assert balance(there, vials) == 8


def test_the_note_is_for_both_stores_and_nobody_else(
    sender: Client, keeper: Client, here: Store, there: Store, dispatch: StockDocument
) -> None:
    answer = sender.get(page("delivery_note", there, dispatch.pk))
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == f'inline; filename="{dispatch.number}.pdf"'
    assert keeper.get(page("delivery_note", here, dispatch.pk)).status_code == 200
    assert keeper.get(page("delivery_note", there, dispatch.pk)).status_code == 404
    receipt = StockDocument.objects.get(kind=Kind.RECEIPT)
    assert sender.get(page("delivery_note", there, receipt.pk)).status_code == 404
    with slow_work.places, slow_work.places, slow_work.places:  # taken by others who wait for papers
        assert sender.get(page("delivery_note", there, dispatch.pk)).status_code == 503


def test_only_the_recipient_confirms(
    sender: Client, keeper: Client, here: Store, there: Store, vials: StockItem, dispatch: StockDocument
) -> None:
    for client, store in ((sender, here), (sender, there), (keeper, there)):
        assert client.get(page("delivery", store, dispatch.pk)).status_code == 404
        answer = send_form(client, page("delivery", store, dispatch.pk), **{f"item-{vials.pk}": 4})
        assert answer.status_code == 404
    # The dispatch is a paper of the sender; the recipient sees its own side of it.
    assert keeper.get(page("document", here, dispatch.pk)).status_code == 404
