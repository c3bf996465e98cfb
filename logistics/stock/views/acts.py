"""The acts on a store: receive, open, use, move, write off, count. A form, an operation, and what was recorded."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from logistics.models import Material, StockDocument
from logistics.staff.access import KEEPERS, USERS_OF_DOSES, StoreRequest, at_store
from logistics.stock import documents, items, ledger, on_hand
from logistics.stock.errors import CountedMeanwhile
from logistics.stock.forms.acts import ConsumeForm, OpenForm, StocktakeForm, StorageForm, WasteForm
from logistics.stock.forms.receiving import MaterialForm, ReceiveForm, product_of
from logistics.stock.ledger import EntryLine
from logistics.stock.on_hand import Holding, first_to_use
from logistics.stock.receiving import receive_vials
from logistics.stock.views.acting import (
    RECORDED,
    entry_context,
    allow,
    done,
    just_recorded,
    recorded,
    rights,
    show,
    whole_number,
)
from logistics.vaccines import scanning
from logistics.vaccines.errors import UnreadableScan
from logistics.vaccines.scanning import Recognised


@dataclass(frozen=True)
class Said:
    """What a scanned code is answered with: why it cannot be, and what to look at."""

    problem: str = ""
    notices: tuple[str, ...] = ()


@at_store(*KEEPERS)
@require_http_methods(["GET", "POST"])
def receive(request: StoreRequest) -> HttpResponse:
    """Take in what came from outside the network: vials of a batch, or materials."""
    now = timezone.now()
    said = Said()
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
        context["recorded"] = allow([shown], rights(request.user, request.store))[0]
    return show(request, "receive", context)


@at_store(*USERS_OF_DOSES)
@require_http_methods(["GET", "POST"])
def open_vials(request: StoreRequest) -> HttpResponse:
    """Open vials of a batch."""
    closed, said = _closed(_stock(request)), Said()
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


@at_store(*USERS_OF_DOSES)
@require_http_methods(["GET", "POST"])
def consume(request: StoreRequest) -> HttpResponse:
    """Doses of opened vials that were given, or pieces of a material used up."""
    found = [holding for holding in _stock(request) if holding.item.is_open or holding.item.material_id]
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


@at_store(*KEEPERS)
@require_http_methods(["GET", "POST"])
def storage(request: StoreRequest) -> HttpResponse:
    """Thaw vials, or move them to another regime; their clock starts."""
    found = _closed(_stock(request))
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


@at_store(*USERS_OF_DOSES)
@require_http_methods(["GET", "POST"])
def waste(request: StoreRequest) -> HttpResponse:
    """Write off closed vials, what is left of opened ones, and materials."""
    found = _stock(request)
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


@at_store(*KEEPERS)
@require_http_methods(["GET", "POST"])
def stocktake(request: StoreRequest) -> HttpResponse:
    """Write down what was counted."""
    form = StocktakeForm(request.POST if request.method == "POST" else None, holdings=_stock(request))
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
            form = form.with_fresh_numbers(_stock(request))
            form.full_clean()
            form.add_error(None, str(refusal))
        else:
            return done(document)
    return show(request, "stocktake", {"form": form})


def _stock(request: StoreRequest) -> list[Holding]:
    """What is there, and what the page that was sent had shown."""
    named = [name.removeprefix("item-") for name in request.POST if name.startswith("item-")]
    keys = (whole_number(text) for text in [*named, request.POST.get("item", "")])
    return on_hand.holdings(request.store, timezone.now(), also=[key for key in keys if key])


def _closed(found: list[Holding]) -> list[Holding]:
    return [holding for holding in found if holding.item.batch_id and not holding.item.is_open]


def _asked(request: StoreRequest) -> dict[str, int]:
    """The line that the store's page led here with."""
    key = whole_number(request.GET.get("polozka", ""))
    return {"item": key} if key else {}


def _all_of(found: list[Holding], key: int | None) -> dict[str, object]:
    """All of the line with this key, and why it would be written off."""
    asked = next((holding for holding in found if holding.item.pk == key), None)
    return {f"item-{key}": asked.quantity, "reason": asked.waste_reason} if asked else {}


def _filled_by_scan(request: StoreRequest, now: datetime) -> tuple[ReceiveForm, Said]:
    """The form with what was typed, and over it what the code says."""
    typed: dict[str, object] = {**request.POST.dict(), "scan": ""}
    said = Said()
    try:
        found = scanning.recognise(request.POST["scan"])
    except UnreadableScan as refusal:
        said = Said(problem=str(refusal))
    else:
        said = Said(notices=found.notices)
        product = product_of(found.vaccine.pk, found.doses_per_vial) if found.vaccine else ""
        expires_on = date_format(found.expires_on, "j. n. Y") if found.expires_on else ""
        read = {"product": product, "number": found.batch_number, "expires_on": expires_on}
        typed |= {name: value for name, value in read.items() if value}
    return ReceiveForm(initial=typed, now=now), said


def _chosen_by_scan(request: StoreRequest, closed: list[Holding]) -> tuple[OpenForm, Said]:
    """The form with the batch of the code chosen, or why it cannot be."""
    typed: dict[str, object] = {**request.POST.dict(), "scan": ""}
    said = Said()
    try:
        found = scanning.recognise(request.POST["scan"])
    except UnreadableScan as refusal:
        said = Said(problem=str(refusal))
    else:
        same = [held for held in first_to_use(closed) if _is_of(held, found)]
        if not same:
            said = Said(problem=_("Batch %(batch)s is not in this store.") % {"batch": found.batch_number or "–"})
        elif same[0].mark and not same[0].is_usable:
            said = Said(problem=f"{same[0].item.label}: {same[0].mark.text}")
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
