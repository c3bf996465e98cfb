"""The documents of a store: their list, a document, and its reversal."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from crs.paging import Paginator
from logistics.staff import permissions
from logistics.staff.guards import StoreRequest, at_store
from logistics.staff.permissions import Act
from logistics.stock import documents, ledger
from logistics.stock.documents import ShownDocument
from logistics.stock.forms.entries import KindForm, ReverseForm
from logistics.stock.views.recording import allow, done, entry_context, may_reverse, recorded, show

DOCUMENTS_ON_A_PAGE = 30


@at_store(Act.SEE_STORE)
@require_GET
def document_list(request: StoreRequest) -> HttpResponse:
    """All documents of the store or those of a kind, the newest first."""
    choice = KindForm(request.GET)
    kind = choice.cleaned_data["druh"] if choice.is_valid() else ""
    found = documents.documents().filter(store=request.store)
    if kind:
        found = found.filter(kind=kind)
    page = Paginator(found, DOCUMENTS_ON_A_PAGE).get_page(request.GET.get("strana"))
    entries = documents.entries(page.object_list, timezone.now())
    return show(
        request, "documents", {"page": page, "entries": entries, "choice": KindForm({"druh": kind}), "kind": kind}
    )


@at_store(Act.SEE_STORE)
@require_GET
def document(request: StoreRequest, document_id: int) -> HttpResponse:
    """A document: its lines, author and time; of a transfer both sides."""
    shown = _own(request, document_id)
    allow([shown], permissions.acts_at(request.user, request.store))
    both = documents.transfer(shown.document, timezone.now())
    return show(request, "document", {"entry": shown, "transfer": both})


@at_store(Act.USE_DOSES)
@require_http_methods(["GET", "POST"])
def reverse(request: StoreRequest, document_id: int) -> HttpResponse:
    """Reverse a document, after a look at the movements of the reversal."""
    shown = _own(request, document_id)
    if not may_reverse(shown.document, permissions.acts_at(request.user, request.store)):
        raise Http404
    form = ReverseForm(request.POST if request.method == "POST" else None)
    reversal = recorded(form, lambda: ledger.reverse(document=shown.document, context=entry_context(request, form)))
    return done(reversal) if reversal else show(request, "reverse", {"form": form, "entry": shown})


def _own(request: StoreRequest, document_id: int) -> ShownDocument:
    """The document, if it is of this store. Raises Http404."""
    found = documents.documents().filter(store=request.store, pk=document_id)
    for entry in documents.entries(found, timezone.now()):
        return entry
    raise Http404
