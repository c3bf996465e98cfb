"""Who sees a store and who may do what in it: each page and each act for those who may not."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from logistics.models import Region, Role, StockDocument, StockItem, Store
from logistics.staff import permissions
from logistics.staff.permissions import Act
from logistics.stock import ledger
from tests.factories import balance, context, make_site, make_staff, make_store, make_vials, put
from tests.logistics.stock.conftest import page
from tests.pages import log_in, send_form, summary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Kind = StockDocument.Kind
ACTS = ("receive", "send", "open", "consume", "storage", "waste", "stocktake")


def test_an_outsider_finds_no_store(client: Client, store: Store, vials: StockItem) -> None:
    document = StockDocument.objects.get(kind=Kind.RECEIPT)
    paths = [page(name, store) for name in ("store", "documents", *ACTS)]
    paths += [page(name, store, document.pk) for name in ("document", "reverse", "delivery", "delivery_note")]
    paths.append(reverse("logistics:establish", args=[store.site_id]))
    assert client.get(paths[0]).headers["Location"].startswith(reverse("accounts:log_in"))
    log_in(client, make_staff(Role.STOCK_KEEPER, site=make_site("Jinde")))
    for path in paths:
        assert client.get(path).status_code == 404, path
        assert send_form(client, path, item=vials.pk, vials=1).status_code == 404, path
    assert balance(store, vials) == 10


def test_a_vaccinator_uses_doses_and_does_nothing_else(client: Client, store: Store, vials: StockItem) -> None:
    log_in(client, make_staff(Role.VACCINATOR, site=store.site))
    shown = client.get(page("store", store)).content.decode()
    for name in ACTS:
        may = name in ("open", "consume", "waste")
        assert (page(name, store) in shown) is may
        assert client.get(page(name, store)).status_code == (200 if may else 404)
        if not may:
            assert send_form(client, page(name, store)).status_code == 404
    send_form(client, page("open", store), item=vials.pk, vials=1)
    receipt, opening = StockDocument.objects.get(kind=Kind.RECEIPT), StockDocument.objects.get(kind=Kind.OPENING)
    assert send_form(client, page("reverse", store, receipt.pk)).status_code == 404
    assert send_form(client, page("reverse", store, opening.pk)).status_code == 302
    assert balance(store, vials) == 10


def test_a_registrar_and_the_region_only_look(client: Client, store: Store, vials: StockItem) -> None:
    document = StockDocument.objects.get(kind=Kind.RECEIPT)
    for user in (make_staff(Role.REGISTRAR, site=store.site), make_staff(Role.REGION, region="CZ031")):
        log_in(client, user)
        shown = client.get(page("store", store)).content.decode()
        assert "10 vials" in shown
        assert not any(page(name, store) in shown for name in ACTS)
        assert client.get(page("document", store, document.pk)).status_code == 200
        assert client.get(page("open", store)).status_code == 404
        assert send_form(client, page("reverse", store, document.pk)).status_code == 404


def test_a_document_of_another_store_is_not_shown(keeper: Client, store: Store) -> None:
    other = make_store(name="Jinde")
    put(other, make_vials(), 1)
    document = StockDocument.objects.get(kind=Kind.RECEIPT)
    for name in ("document", "reverse", "delivery", "delivery_note"):
        assert keeper.get(page(name, store, document.pk)).status_code == 404
    assert document.number not in keeper.get(page("store", store) + f"?zapsano={document.pk}").content.decode()


def test_a_form_from_elsewhere_is_refused(store: Store, vials: StockItem) -> None:
    careful = Client(enforce_csrf_checks=True)
    log_in(careful, make_staff(Role.STOCK_KEEPER, site=store.site))
    assert send_form(careful, page("open", store), item=vials.pk, vials=1).status_code == 403


def test_who_does_what_in_which_store(django_assert_num_queries: Any) -> None:
    tabor, elsewhere = make_store(), make_store(name="Jinde")
    region, other = (
        ledger.establish(region=Region.objects.get(pk=code), context=context()) for code in ("CZ031", "CZ064")
    )
    firm = ledger.establish(name="Avenier Brno", context=context())
    stores = [tabor, elsewhere, region, other, firm]
    kept = {
        make_staff(Role.STOCK_KEEPER, site=tabor.site): [tabor],
        make_staff(Role.VACCINATOR, site=tabor.site): [],
        make_staff(Role.REGION, region="CZ031"): [region],
        make_staff(Role.DISTRIBUTOR): [firm],
        make_staff(Role.MINISTRY): stores,
        User.objects.create_superuser("root"): stores,
        User.objects.create_user("nikdo", is_staff=True): [],
    }
    for user, theirs in kept.items():
        assert [one for one in stores if permissions.may(user, Act.KEEP_STOCK, one)] == theirs
    vaccinator = make_staff(Role.VACCINATOR, site=elsewhere.site)
    with django_assert_num_queries(1):
        acts = permissions.acts_at(vaccinator, elsewhere)
    assert Act.USE_DOSES in acts
    assert Act.KEEP_STOCK not in acts


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.DISTRIBUTOR])
def test_the_store_of_a_distributor_is_established_with_a_name(client: Client, role: Role) -> None:
    log_in(client, make_staff(role))
    address = reverse("logistics:establish_distributor")
    assert address in client.get(reverse("logistics:stock_home")).content.decode()
    assert client.get(address).status_code == 200
    assert "Fill in the name of the store." in summary(send_form(client, address, name=" "))
    assert "Fill in the telephone." in summary(send_form(client, address, name="Avenier, Brno"))
    typed = {"name": "Avenier, Brno", "phone": "+420 210 000 000"}
    answer = send_form(client, address, **typed)
    founded = Store.objects.get()
    assert (founded.kind, founded.name, founded.phone) == (Store.Kind.DISTRIBUTOR, *typed.values())
    assert answer.headers["Location"] == page("store", founded)
    # With one store the list is still a page: the way to found another one leads through it.
    assert address in client.get(reverse("logistics:stock_home")).content.decode()
    assert "This store is established already." in summary(send_form(client, address, **typed))
    assert Store.objects.count() == 1


def test_nobody_else_establishes_a_distributor(client: Client, store: Store) -> None:
    address = reverse("logistics:establish_distributor")
    for user in (make_staff(Role.MANAGER, site=store.site), make_staff(Role.REGION, region="CZ031")):
        log_in(client, user)
        assert address not in client.get(reverse("logistics:stock_home"), follow=True).content.decode()
        assert client.get(address).status_code == 404
        assert send_form(client, address, name="Avenier, Brno").status_code == 404
    assert Store.objects.count() == 1
