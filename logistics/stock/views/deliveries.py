"""Deliveries between stores: sending one, confirming one, and the note that goes with it."""

from django.contrib import messages
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from crs.row_keys import row_key
from logistics.models import StockDocument, Store, VaccinationSite
from logistics.staff.guards import StoreRequest, at_store
from logistics.staff.permissions import Act
from logistics.stock import documents, ledger
from logistics.stock.delivery_note import KINDS, delivery_note_pdf
from logistics.stock.errors import NotInTransit
from logistics.stock.forms.entries import DeliveryForm, IssueForm, SendForm, StoreSearchForm
from logistics.stock.on_hand import Holding
from logistics.stock.views.recording import done, entry_context, recorded, show, stock_shown

TARGETS_SHOWN = 30
OUTSIDE = "ven"


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "POST"])
def send(request: StoreRequest) -> HttpResponse:
    """Send stock to a store or out of the network: first the recipient is chosen, then the amounts."""
    where = request.GET.get("kam", "")
    if where == OUTSIDE:
        return _issue(request)
    to = targets(request.store).filter(pk=row_key(where) or 0).first()
    if to is None:
        return _choose_target(request)
    # Stock that must not be used any more may still go back to the distributor.
    only_usable = to.kind != Store.Kind.DISTRIBUTOR
    posted = request.POST if request.method == "POST" else None
    form = SendForm(posted, holdings=_closed_stock(request), only_usable=only_usable)
    document = recorded(
        form, lambda: ledger.send(store=request.store, to=to, lines=form.lines(), context=entry_context(request, form))
    )
    return done(document) if document else show(request, "send", {"form": form, "to": to})


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "POST"])
def delivery(request: StoreRequest, document_id: int) -> HttpResponse:
    """Count a delivery and confirm it."""
    found = documents.documents().filter(kind=StockDocument.Kind.DISPATCH, counterpart=request.store, pk=document_id)
    entries = documents.entries(found, timezone.now())
    if not entries:
        raise Http404
    entry = entries[0]
    if request.method == "GET" and not entry.is_reversible:
        return _is_over(request, entry.document)
    sent = [change.holding for change in entry.changes]
    initial = {f"item-{holding.item.pk}": holding.quantity for holding in sent}
    form = DeliveryForm(request.POST if request.method == "POST" else None, holdings=sent, initial=initial)
    document = recorded(
        form,
        lambda: ledger.confirm_delivery(
            dispatch=entry.document,
            counted=form.counted(),
            reason=form.cleaned_data["reason"],
            context=entry_context(request, form),
        ),
    )
    return done(document) if document else show(request, "delivery", {"form": form, "entry": entry})


@at_store(Act.SEE_STORE)
@require_GET
@prints()
def delivery_note(request: StoreRequest, document_id: int) -> HttpResponse:
    """The delivery note, for the store that sends and the one that awaits it."""
    mine = StockDocument.objects.filter(Q(store=request.store) | Q(counterpart=request.store), kind__in=KINDS)
    document = mine.filter(pk=document_id).first()
    if document is None:
        raise Http404
    content = delivery_note_pdf(document, language=get_language() or "cs")
    return pdf_response(content, f"{document.number}.pdf")


def _issue(request: StoreRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = IssueForm(posted, holdings=_closed_stock(request), only_usable=True)
    document = recorded(
        form,
        lambda: ledger.issue(
            store=request.store,
            lines=form.lines(),
            outside_party=form.cleaned_data["outside_party"],
            context=entry_context(request, form),
        ),
    )
    return done(document) if document else show(request, "send", {"form": form, "to": None})


def _choose_target(request: StoreRequest) -> HttpResponse:
    search = StoreSearchForm.of(request.GET)
    found = list(targets(request.store).filter(name__icontains=search.text)[: TARGETS_SHOWN + 1])
    context = {
        "search": search,
        "targets": found[:TARGETS_SHOWN],
        "is_cut": len(found) > TARGETS_SHOWN,
        "text": search.text,
        "outside": OUTSIDE,
    }
    return show(request, "target", context)


def targets(store: Store) -> QuerySet[Store]:
    """The stores to which this one can send: distributors first, then those of its region, then the others."""
    near = Q(pk__in=Store.objects.in_region(store.lies_in.code)) if store.lies_in else Q(pk__in=())
    nearness = Case(When(kind=Store.Kind.DISTRIBUTOR, then=Value(0)), When(near, then=Value(1)), default=Value(2))
    others = Store.objects.exclude(pk=store.pk).exclude(site__state=VaccinationSite.State.CLOSED)
    return others.select_related("site__district").order_by(nearness, "kind", "name__czech", "pk")


def _closed_stock(request: StoreRequest) -> list[Holding]:
    """Closed vials and materials: nobody sends opened vials."""
    return [holding for holding in stock_shown(request) if not holding.item.is_open]


def _is_over(request: StoreRequest, dispatch: StockDocument) -> HttpResponse:
    """Redirect from a delivery that was confirmed or reversed before: to its confirmation, or to the store."""
    messages.info(request, str(NotInTransit.message))
    delivery = StockDocument.objects.delivering(dispatch).first()
    if delivery is None:
        return redirect("logistics:store", request.store.pk)
    return redirect("logistics:document", request.store.pk, delivery.pk)
