"""Stores: which there are, founding one, and what one holds."""

from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.models import Region, Store, VaccinationSite
from logistics.staff import access
from logistics.staff.access import KEEPERS, StaffRequest, StoreRequest, at_store, staff_only
from logistics.stock import documents, ledger, on_hand
from logistics.stock.errors import StockError
from logistics.stock.forms.acts import DistributorForm, EstablishForm, SearchForm
from logistics.stock.ledger import EntryContext
from logistics.stock.views.acting import allow, just_recorded, rights, show

STORES_ON_A_PAGE = 30
WITHOUT_STORE_SHOWN = 30


@staff_only
@require_GET
def home(request: StaffRequest) -> HttpResponse:
    """Choose a store, or found one; who has a single one goes straight there."""
    search = SearchForm({"hledej": request.GET.get("hledej", "").replace("\0", "")[:100]})
    text = search.cleaned_data["hledej"].strip() if search.is_valid() else ""
    stores = access.stores_of(request.user).filter(name__icontains=text)
    page = Paginator(stores.order_by("kind", "name", "pk"), STORES_ON_A_PAGE).get_page(request.GET.get("strana"))
    sites = _sites_without_store(request).filter(name__icontains=text)
    regions = access.regions_of(request.user).filter(store__isnull=True, name__icontains=text)
    without = [*regions, *sites[: WITHOUT_STORE_SHOWN + 1]]
    establishes_distributors = access.establishes_distributors(request.user)
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
    """Found the store of a site."""
    site = access.site_or_404(request.user, site_id, *KEEPERS)
    known = Store.objects.filter(site=site).first()
    return redirect("logistics:store", known.pk) if known else _establish(request, site=site)


@staff_only
@require_http_methods(["GET", "POST"])
def establish_region(request: StaffRequest, code: str) -> HttpResponse:
    """Found the store of a region."""
    region = access.regions_of(request.user).filter(pk=code).first()
    if region is None:
        raise Http404
    known = Store.objects.filter(region=region).first()
    return redirect("logistics:store", known.pk) if known else _establish(request, region=region)


@staff_only
@require_http_methods(["GET", "POST"])
def establish_distributor(request: StaffRequest) -> HttpResponse:
    """Found a store of a distributor, under a name of its own."""
    if not access.establishes_distributors(request.user):
        raise Http404
    return _establish(request, form_class=DistributorForm)


@at_store()
@require_GET
def store(request: StoreRequest) -> HttpResponse:
    """What the store holds, what is on the way, and the latest documents."""
    now = timezone.now()
    given, desk = rights(request.user, request.store), documents.desk(request.store, now)
    shown = just_recorded(request, desk.latest)
    allow([*desk.latest, *filter(None, [shown])], given)
    contents = on_hand.contents(request.store, now)
    return show(request, "store", {"rights": given, "contents": contents, "desk": desk, "recorded": shown})


def _sites_without_store(request: StaffRequest) -> QuerySet[VaccinationSite]:
    sites = access.sites_with_role(request.user, *KEEPERS).filter(store__isnull=True)
    return sites.exclude(state=VaccinationSite.State.CLOSED).order_by("name", "pk")


def _establish(
    request: StaffRequest,
    *,
    site: VaccinationSite | None = None,
    region: Region | None = None,
    form_class: type[EstablishForm] = EstablishForm,
) -> HttpResponse:
    form = form_class(request.POST if request.method == "POST" else None)
    if form.is_valid():
        now, typed = timezone.now(), form.cleaned_data
        context = EntryContext(by=request.user, now=now, form=sending(request))
        try:
            founded = ledger.establish(site=site, region=region, name=typed.get("name", ""), context=context)
        except (StockError, FormChanged) as refusal:
            form.add_error("name" if "name" in form.fields else None, str(refusal))
        else:
            return redirect("logistics:store", founded.pk)
    return render(request, "logistics/stock/establish.html", {"form": form, "place": site or region or ""})
