"""Recording an entry of a store: the stock it chooses from, the form that is sent, and the page that shows what it did.

Every screen of an entry goes this way: `stock_shown`, a form, `recorded` with an operation of the ledger, then `done`.
"""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from crs.errors import FormChanged
from crs.row_keys import row_key
from crs.sent_forms import sending
from logistics.models import StockDocument
from logistics.staff.guards import StoreRequest
from logistics.staff.permissions import Act
from logistics.stock import documents, on_hand
from logistics.stock.documents import ShownDocument
from logistics.stock.errors import StockError
from logistics.stock.ledger import EntryContext
from logistics.stock.on_hand import Holding
from logistics.vaccines.errors import BatchError

Kind = StockDocument.Kind
# The entries of staff who use doses and do nothing else with stock.
USE_KINDS = (Kind.OPENING, Kind.CONSUMPTION, Kind.WASTE)
RECORDED = "zapsano"


def may_reverse(document: StockDocument, acts: Collection[str]) -> bool:
    """Whether a user who may do `acts` in the document's store may reverse the document."""
    return Act.KEEP_STOCK in acts or (Act.USE_DOSES in acts and document.kind in USE_KINDS)


def stock_shown(request: StoreRequest) -> list[Holding]:
    """The stock of the store, and the items that the form which was sent had shown and that may be gone by now."""
    named = [name.removeprefix("item-") for name in request.POST if name.startswith("item-")]
    keys = (row_key(text) for text in [*named, request.POST.get("item", "")])
    return on_hand.holdings(request.store, timezone.now(), also=[key for key in keys if key])


def entry_context(request: StoreRequest, form: forms.Form) -> EntryContext:
    """The context of the entry for which `form`, a valid one, was sent."""
    note = form.cleaned_data.get("note", "")
    return EntryContext(by=request.user, now=timezone.now(), form=sending(request), note=note)


def recorded(form: forms.Form, operation: Callable[[], StockDocument]) -> StockDocument | None:
    """The document that `operation` recorded; None where the form is wrong, or the ledger refuses it on the form."""
    if not form.is_valid():
        return None
    try:
        return operation()
    except (StockError, BatchError, FormChanged) as refusal:
        form.add_error(None, str(refusal))
        return None


def done(document: StockDocument, page: str = "logistics:store", **query: Any) -> HttpResponse:
    """Redirect to `page` of the document's store, which shows the document and offers to reverse it."""
    answer = redirect(page, document.store_id)
    answer.headers["Location"] += "?" + urlencode({RECORDED: document.pk, **query})
    return answer


def allow(entries: list[ShownDocument], acts: Collection[str]) -> list[ShownDocument]:
    """Set on each entry whether a user who may do `acts` in the store may reverse it; returns the entries."""
    for entry in entries:
        entry.may_reverse = entry.is_reversible and may_reverse(entry.document, acts)
    return entries


def just_recorded(request: StoreRequest, known: list[ShownDocument]) -> ShownDocument | None:
    """The document that the address names as just recorded; it is looked for in `known` first."""
    key = row_key(request.GET.get(RECORDED, ""))
    for entry in known:
        if entry.document.pk == key:
            return entry
    found = documents.documents().filter(store=request.store, pk=key) if key else []
    return next(iter(documents.entries(found, timezone.now())), None)


def show(request: StoreRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the store."""
    return render(request, f"logistics/stock/{template}.html", {"store": request.store, **context})
