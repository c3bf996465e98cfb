"""The screens of entries in a store: receive, open, use, move, write off, count."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.no_break import breakable
from crs.row_keys import row_key
from logistics.models import Material, StockDocument
from logistics.staff import permissions
from logistics.staff.guards import StoreRequest, at_store
from logistics.staff.permissions import Act
from logistics.stock import documents, items, ledger, on_hand
from logistics.stock.errors import CountedMeanwhile
from logistics.stock.forms.entries import ConsumeForm, OpenForm, StocktakeForm, StorageForm, WasteForm
from logistics.stock.forms.receiving import MaterialForm, ReceiveForm, product_of
from logistics.stock.ledger import EntryLine
from logistics.stock.on_hand import Holding, first_to_use
from logistics.stock.receiving import receive_vials
from logistics.stock.views.recording import (
    RECORDED,
    allow,
    done,
    entry_context,
    just_recorded,
    recorded,
    show,
    stock_shown,
)
from logistics.vaccines import scanning
from logistics.vaccines.errors import UnreadableScan
from logistics.vaccines.scanning import Recognised


@dataclass(frozen=True)
class ScanAnswer:
    """The answer to a scanned code: the reason why it cannot be used, and notices to look at."""

    problem: str = ""
    notices: tuple[str, ...] = ()


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "POST"])
def receive(request: StoreRequest) -> HttpResponse:
    """Take in stock from outside the network: vials of a batch, or materials."""
    now = timezone.now()
    said = ScanAnswer()
    usual = {"outside_party": documents.last_supplier(request.store)}
    posted = request.POST if request.method == "POST" else None
    is_material = posted is not None and "material-outside_party" in posted
    vials = ReceiveForm(None if is_material else posted, initial=usual, now=now)
    materials = MaterialForm(posted if is_material else None, initial=usual, materials=Material.objects.all())
    document = None
    if is_material:
        document = recorded(materials, lambda: _receive_materials(request, materials))
    elif posted and posted.get("scan", "").strip():
        vials, said = _filled_by_scan(request, now)
    elif posted:
        document = recorded(vials, lambda: _receive_vials(request, vials))
    if document:
        return done(document, "logistics:receive" if "another" in request.POST else "logistics:store")
    active = materials if is_material else vials
    context: dict[str, object] = {"form": active, "vials_form": vials, "material_form": materials, "said": said}
    if RECORDED in request.GET and (shown := just_recorded(request, [])):
        context["recorded"] = allow([shown], permissions.acts_at(request.user, request.store))[0]
    return show(request, "receive", context)


@at_store(Act.USE_DOSES)
@require_http_methods(["GET", "POST"])
def open_vials(request: StoreRequest) -> HttpResponse:
    """Open vials of a batch."""
    closed, said = _closed(stock_shown(request)), ScanAnswer()
    posted = request.POST if request.method == "POST" else None
    form = OpenForm(posted, holdings=closed, initial=_asked(request))
    if posted and posted.get("scan", "").strip():
        form, said = _chosen_by_scan(request, closed)
    else:
        document = recorded(
            form,
            lambda: ledger.open_vials(
                store=request.store,
                item=form.cleaned_data["item"].item,
                vials=form.cleaned_data["vials"],
                doses=form.cleaned_data["doses"],
                context=entry_context(request, form),
            ),
        )
        if document:
            return done(document)
    return show(request, "open", {"form": form, "said": said})


@at_store(Act.USE_DOSES)
@require_http_methods(["GET", "POST"])
def consume(request: StoreRequest) -> HttpResponse:
    """Use doses of opened vials, or pieces of a material."""
    found = [holding for holding in stock_shown(request) if holding.item.is_open or holding.item.material_id]
    form = ConsumeForm(request.POST if request.method == "POST" else None, holdings=found, initial=_asked(request))
    document = recorded(
        form,
        lambda: ledger.consume(
            store=request.store,
            item=form.cleaned_data["item"].item,
            doses=form.cleaned_data["doses"],
            context=entry_context(request, form),
        ),
    )
    return done(document) if document else show(request, "consume", {"form": form})


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "POST"])
def storage(request: StoreRequest) -> HttpResponse:
    """Thaw vials, or move them to another storage condition; their clock starts."""
    found = _closed(stock_shown(request))
    moves = on_hand.moves(found, today=timezone.localdate())
    movable = [holding for holding in found if holding.item.pk in moves]
    posted = request.POST if request.method == "POST" else None
    form = StorageForm(posted, holdings=movable, initial=_asked(request), notes=moves)
    document = recorded(
        form,
        lambda: ledger.change_storage(
            store=request.store,
            item=form.cleaned_data["item"].item,
            vials=form.cleaned_data["vials"],
            to=form.cleaned_data["to"],
            context=entry_context(request, form),
        ),
    )
    return done(document) if document else show(request, "storage", {"form": form})


@at_store(Act.USE_DOSES)
@require_http_methods(["GET", "POST"])
def waste(request: StoreRequest) -> HttpResponse:
    """Write off closed vials, doses left in opened ones, and materials."""
    found = stock_shown(request)
    posted = request.POST if request.method == "POST" else None
    form = WasteForm(posted, holdings=found, initial=_all_of(found, _asked(request).get("item")))
    document = recorded(
        form,
        lambda: ledger.waste(
            store=request.store,
            lines=form.lines(),
            reason=form.cleaned_data["reason"],
            context=entry_context(request, form),
        ),
    )
    return done(document) if document else show(request, "waste", {"form": form})


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "POST"])
def stocktake(request: StoreRequest) -> HttpResponse:
    """Write down the amounts that were counted."""
    form = StocktakeForm(request.POST if request.method == "POST" else None, holdings=stock_shown(request))
    if form.is_valid():
        try:
            document = ledger.take_stock(
                store=request.store,
                counts=form.counts(),
                reason=form.cleaned_data["reason"],
                context=entry_context(request, form),
            )
        except FormChanged as refusal:
            form.add_error(None, str(refusal))
        except CountedMeanwhile as refusal:
            form = form.with_fresh_numbers(stock_shown(request))
            form.full_clean()
            form.add_error(None, str(refusal))
        else:
            return done(document)
    return show(request, "stocktake", {"form": form})


def _closed(found: list[Holding]) -> list[Holding]:
    return [holding for holding in found if holding.item.batch_id and not holding.item.is_open]


def _asked(request: StoreRequest) -> dict[str, int]:
    """The item that a link of the store's page chose, as the start of a form."""
    key = row_key(request.GET.get("polozka", ""))
    return {"item": key} if key else {}


def _all_of(found: list[Holding], key: int | None) -> dict[str, object]:
    """The whole amount of the item with this key, and the likely reason, as the start of the form of waste."""
    asked = next((holding for holding in found if holding.item.pk == key), None)
    return {f"item-{key}": asked.quantity, "reason": asked.waste_reason} if asked else {}


def _filled_by_scan(request: StoreRequest, now: datetime) -> tuple[ReceiveForm, ScanAnswer]:
    """The form as it was typed, filled in from the scanned code."""
    typed: dict[str, object] = {**request.POST.dict(), "scan": ""}
    said = ScanAnswer()
    try:
        found = scanning.recognise(request.POST["scan"])
    except UnreadableScan as refusal:
        said = ScanAnswer(problem=str(refusal))
    else:
        said = ScanAnswer(notices=found.notices)
        product = product_of(found.vaccine.pk, found.doses_per_vial) if found.vaccine else ""
        expires_on = breakable(date_format(found.expires_on, "j. n. Y")) if found.expires_on else ""
        read = {"product": product, "number": found.batch_number, "expires_on": expires_on}
        typed |= {name: value for name, value in read.items() if value}
    return ReceiveForm(initial=typed, now=now), said


def _chosen_by_scan(request: StoreRequest, closed: list[Holding]) -> tuple[OpenForm, ScanAnswer]:
    """The form with the batch of the scanned code chosen, or the reason why it cannot be."""
    typed: dict[str, object] = {**request.POST.dict(), "scan": ""}
    said = ScanAnswer()
    try:
        found = scanning.recognise(request.POST["scan"])
    except UnreadableScan as refusal:
        said = ScanAnswer(problem=str(refusal))
    else:
        same = [held for held in first_to_use(closed) if _is_of(held, found)]
        if not same:
            said = ScanAnswer(problem=_("Batch %(batch)s is not in this store.") % {"batch": found.batch_number or "–"})
        elif same[0].mark and not same[0].is_usable:
            said = ScanAnswer(problem=f"{same[0].item.label}: {same[0].mark.text}")
        else:
            typed |= {"item": same[0].item.pk, "is_scanned": True}
    return OpenForm(holdings=closed, initial=typed), said


def _is_of(holding: Holding, found: Recognised) -> bool:
    batch = holding.item.batch
    if batch is None or not found.batch_number or batch.number != found.batch_number:
        return False
    return found.vaccine is None or found.vaccine.pk == batch.vaccine_id


def _receive_vials(request: StoreRequest, form: ReceiveForm) -> StockDocument:
    typed = form.cleaned_data
    vaccine, doses = typed["product"]
    return receive_vials(
        store=request.store,
        vaccine=vaccine,
        number=typed["number"],
        expires_on=typed["expires_on"],
        doses_per_vial=doses,
        vials=typed["vials"],
        thawed_until=typed["thawed_until"],
        outside_party=typed["outside_party"],
        context=entry_context(request, form),
    )


def _receive_materials(request: StoreRequest, form: MaterialForm) -> StockDocument:
    lines = [EntryLine(items.material_item(material), pieces) for material, pieces in form.filled()]
    return ledger.receive(
        store=request.store,
        lines=lines,
        outside_party=form.cleaned_data["outside_party"],
        context=entry_context(request, form),
    )
