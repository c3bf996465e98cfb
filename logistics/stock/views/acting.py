"""What the screens of acts on a store share: who may do what, how an act is recorded and shown afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.models import StockDocument, Store
from logistics.staff import access
from logistics.staff.access import KEEPERS, USERS_OF_DOSES, StoreRequest
from logistics.stock import documents
from logistics.stock.documents import ShownDocument
from logistics.stock.errors import StockError
from logistics.stock.ledger import EntryContext
from logistics.vaccines.errors import BatchError

Kind = StockDocument.Kind
# The acts of those who use doses up and do nothing else with stock.
USE_KINDS = (Kind.OPENING, Kind.CONSUMPTION, Kind.WASTE)
RECORDED = "zapsano"


@dataclass(frozen=True)
class Rights:
    """What the user may do at a store that they see."""

    keeps: bool
    uses: bool

    def may_reverse(self, document: StockDocument) -> bool:
        """Whether such a document is theirs to take back."""
        return self.keeps or (self.uses and document.kind in USE_KINDS)


def rights(user: User, store: Store) -> Rights:
    """The rights of `user` at `store`, in one query."""
    held = access.roles_at(user, store)
    return Rights(keeps=access.suffices(held, *KEEPERS), uses=access.suffices(held, *USERS_OF_DOSES))


def entry_context(request: StoreRequest, form: forms.Form) -> EntryContext:
    """Who sent a valid `form`, when, and its note."""
    note = form.cleaned_data.get("note", "")
    return EntryContext(by=request.user, now=timezone.now(), form=sending(request), note=note)


def recorded(form: forms.Form, operation: Callable[[], StockDocument]) -> StockDocument | None:
    """What `operation` recorded; None where the form is wrong or stock forbids it, which then stands on the form."""
    if not form.is_valid():
        return None
    try:
        return operation()
    except (StockError, BatchError, FormChanged) as refusal:
        form.add_error(None, str(refusal))
        return None


def done(document: StockDocument, page: str = "logistics:store", **query: Any) -> HttpResponse:
    """To `page` of the document's store, which tells what was recorded and offers to take it back."""
    answer = redirect(page, document.store_id)
    answer.headers["Location"] += "?" + urlencode({RECORDED: document.pk, **query})
    return answer


def allow(entries: list[ShownDocument], given: Rights) -> list[ShownDocument]:
    """The same, each saying whether the user may take it back."""
    for entry in entries:
        entry.may_reverse = entry.is_reversible and given.may_reverse(entry.document)
    return entries


def just_recorded(request: StoreRequest, known: list[ShownDocument]) -> ShownDocument | None:
    """The document that the address says was just recorded here; looked for in `known` first."""
    key = whole_number(request.GET.get(RECORDED, ""))
    for entry in known:
        if entry.document.pk == key:
            return entry
    found = documents.documents().filter(store=request.store, pk=key) if key else []
    return next(iter(documents.entries(found, timezone.now())), None)


def show(request: StoreRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page of the store."""
    return render(request, f"logistics/stock/{template}.html", {"store": request.store, **context})


def whole_number(text: str) -> int | None:
    """The key in an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
