"""The documents of a store: their list, the page of one, its reversal."""

import pytest
from django.test import Client

from logistics.models import StockDocument, StockItem, Store
from logistics.stock import ledger
from tests.factories import balance, context
from tests.logistics.stock.conftest import page
from tests.pages import send_form, summary, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Kind = StockDocument.Kind


def test_a_reversal_takes_back_what_was_just_recorded(keeper: Client, store: Store, vials: StockItem) -> None:
    opened = send_form(keeper, page("open", store), item=vials.pk, vials=3)
    document = StockDocument.objects.get(kind=Kind.OPENING)
    assert page("reverse", store, document.pk) in keeper.get(opened.headers["Location"]).content.decode()
    assert "Reverse OT-" in text_of(keeper.get(page("reverse", store, document.pk)))
    reversal = send_form(keeper, page("reverse", store, document.pk))
    assert balance(store, vials) == 10
    assert f"reverses {document.number}" in text_of(keeper.get(reversal.headers["Location"]))
    again = send_form(keeper, page("reverse", store, document.pk))
    assert "reversed already" in summary(again)


def test_documents_are_listed_by_kind_and_shown(keeper: Client, store: Store, vials: StockItem) -> None:
    ledger.open_vials(store=store, item=vials, vials=1, context=context())
    receipt, opening = StockDocument.objects.get(kind=Kind.RECEIPT), StockDocument.objects.get(kind=Kind.OPENING)
    listed = keeper.get(page("documents", store) + "?druh=RECEIPT").content.decode()
    assert receipt.number in listed
    assert opening.number not in listed
    assert opening.number in keeper.get(page("documents", store) + "?druh=nonsense").content.decode()
    shown = text_of(keeper.get(page("document", store, receipt.pk)))
    assert "+10 vials (60 doses) Comirnaty EJ6797" in shown
