"""Stores: their list, establishing one, and the first page of one."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from crs.accounts.guards import StaffRequest, staff_only
from crs.errors import FormChanged
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.models import Region, Store, VaccinationSite
from logistics.staff import permissions
from logistics.staff.guards import StoreRequest, at_store, site_or_404, staff_who_may
from logistics.staff.permissions import Act
from logistics.stock import documents, ledger, on_hand
from logistics.stock.errors import StockError
from logistics.stock.forms.entries import DistributorForm, EstablishForm, StoreSearchForm
from logistics.stock.ledger import EntryContext
from logistics.stock.views.recording import allow, just_recorded, show

STORES_ON_A_PAGE = 30
WITHOUT_STORE_SHOWN = 30


@staff_only
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Choose a store, or establish one; a user with a single store is led straight to it."""
    search = StoreSearchForm.of(request.GET)
    text = search.text
    stores = permissions.stores_where(request.user, Act.SEE_STORE).filter(name__icontains=text)
    page = Paginator(stores.order_by("kind", "name__czech", "pk"), STORES_ON_A_PAGE).get_page(request.GET.get("strana"))
    sites = _sites_without_store(request).filter(name__icontains=text)
    kept = permissions.regions_where(request.user, Act.KEEP_STOCK)
    regions = kept.filter(store__isnull=True, name__icontains=text)
    without = [*regions, *sites[: WITHOUT_STORE_SHOWN + 1]]
    establishes_distributors = permissions.may(request.user, Act.ESTABLISH_DISTRIBUTOR)
    if not text and page.paginator.count == 1 and not without and not establishes_distributors:
        return redirect("logistics:store", page.object_list[0].pk)
    context = {
        "page": page,
        "search": search,
        "text": text,
        "regions": regions,
        "sites": sites[:WITHOUT_STORE_SHOWN],
        "establishes_distributors": establishes_distributors,
        "is_cut": len(without) - len(regions) > WITHOUT_STORE_SHOWN,
        "is_long": bool(text) or page.paginator.num_pages > 1 or len(without) > WITHOUT_STORE_SHOWN,
    }
    return render(request, "logistics/stock/home.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
def establish(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """Establish the store of a site."""
    site = site_or_404(request.user, site_id, Act.KEEP_STOCK)
    known = Store.objects.filter(site=site).first()
    return redirect("logistics:store", known.pk) if known else _establish(request, site=site)


@staff_only
@require_http_methods(["GET", "POST"])
def establish_region(request: StaffRequest, code: str) -> HttpResponse:
    """Establish the store of a region."""
    region = get_object_or_404(permissions.regions_where(request.user, Act.KEEP_STOCK), pk=code)
    known = Store.objects.filter(region=region).first()
    return redirect("logistics:store", known.pk) if known else _establish(request, region=region)


@staff_who_may(Act.ESTABLISH_DISTRIBUTOR)
@require_http_methods(["GET", "POST"])
def establish_distributor(request: StaffRequest) -> HttpResponse:
    """Establish a store of a distributor, under a name of its own."""
    return _establish(request, form_class=DistributorForm)


@at_store(Act.SEE_STORE)
@require_GET
def store(request: StoreRequest) -> HttpResponse:
    """The first page of a store: its stock, the deliveries on the way, and the latest documents."""
    now = timezone.now()
    acts, desk = permissions.acts_at(request.user, request.store), documents.desk(request.store, now)
    shown = just_recorded(request, desk.latest)
    allow([*desk.latest, *filter(None, [shown])], acts)
    contents = on_hand.contents(request.store, now)
    return show(request, "store", {"acts": acts, "contents": contents, "desk": desk, "recorded": shown})


def _sites_without_store(request: StaffRequest) -> QuerySet[VaccinationSite]:
    sites = permissions.sites_where(request.user, Act.KEEP_STOCK).filter(store__isnull=True)
    return sites.exclude(state=VaccinationSite.State.CLOSED).order_by("name__czech", "pk")


def _establish(
    request: StaffRequest,
    *,
    site: VaccinationSite | None = None,
    region: Region | None = None,
    form_class: type[EstablishForm] = EstablishForm,
) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        context = EntryContext(by=request.user, now=timezone.now(), form=sending(request))
        try:
            established = ledger.establish(site=site, region=region, **form.cleaned_data, context=context)
        except (StockError, FormChanged) as refusal:
            form.add_error("name" if "name" in form.fields else None, str(refusal))
        else:
            return redirect("logistics:store", established.pk)
    return render(request, "logistics/stock/establish.html", {"form": form, "owner": site or region or ""})
