"""Batches: which there are, who holds one, and its block, release and longer life."""

from collections.abc import Callable
from functools import wraps
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crs import csv_download
from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.models import Batch, Role, StaffRole, Store
from logistics.staff.access import StaffRequest, is_ministry, staff_only, stores_of
from logistics.stock import recall
from logistics.stock.forms.batches import BlockForm, ExpiryForm, SearchForm, UnblockForm
from logistics.vaccines import batches as acts
from logistics.vaccines.batches import state_of
from logistics.vaccines.errors import BatchError

BATCHES_ON_A_PAGE = 50
_ACTS = {
    "block": gettext_lazy("Batch %(batch)s is blocked everywhere. Who holds it gets an e-mail."),
    "unblock": gettext_lazy("Batch %(batch)s may be used again."),
    "expiry": gettext_lazy("The expiry of batch %(batch)s is changed."),
}


@staff_only
@require_GET
def batches(request: StaffRequest) -> HttpResponse:
    """All batches with what of each is in the stores that the user sees."""
    stores = _seen(request.user)
    form = SearchForm(request.GET)
    found = Batch.objects.published().select_related("vaccine").order_by("vaccine__name", "expires_on", "number")
    if form.is_valid() and form.cleaned_data["sarze"]:
        found = found.filter(number__icontains="".join(form.cleaned_data["sarze"].split()))
    page = Paginator(found, BATCHES_ON_A_PAGE).get_page(request.GET.get("strana"))
    held = recall.amounts(page.object_list, stores=stores)
    today = timezone.localdate()
    rows = [(one, state_of(one, today=today), *held.get(one.pk, (0, 0))) for one in page.object_list]
    return render(request, "logistics/stock/batches/list.html", {"form": form, "page": page, "rows": rows})


@staff_only
@require_GET
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Who holds a batch, awaits it and used it, as far as the user sees, and its history."""
    stores = _seen(request.user)
    found = get_object_or_404(Batch.objects.published().select_related("vaccine"), pk=batch_id)
    whereabouts = recall.holders(found, stores=stores)
    context = {
        "batch": found,
        "where": whereabouts,
        "used": _used_by_store(whereabouts.used),
        "history": acts.history(found),
        "may_block": _may_block(request.user) and not found.is_blocked,
        "is_ministry": is_ministry(request.user),
        "is_expired": found.is_expired(timezone.localdate()),
    }
    return render(request, "logistics/stock/batches/batch.html", context)


@staff_only
@require_GET
def uses(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Where and when a batch was used, as a CSV file for a recall."""
    stores = _seen(request.user)
    found = get_object_or_404(Batch.objects.published(), pk=batch_id)
    lines = recall.uses(recall.holders(found, stores=stores).used)
    return csv_download.download(f"sarze-{found.number}", lines)


def changing(
    may: Callable[[User], bool],
) -> Callable[[Callable[[StaffRequest, Batch], HttpResponse]], Callable[..., HttpResponse]]:
    """Let in those who `may` change batches, with the batch that `batch_id` names; else 404."""

    def decorate(view: Callable[[StaffRequest, Batch], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: StaffRequest, /, *, batch_id: int) -> HttpResponse:
            if not may(request.user):
                raise Http404
            found = Batch.objects.published().select_related("vaccine")
            return view(request, get_object_or_404(found, pk=batch_id))

        return staff_only(require_http_methods(["GET", "POST"])(wrapper))

    return decorate


def _may_block(user: User) -> bool:
    return is_ministry(user) or _is_distributor(user)


@changing(_may_block)
def block(request: StaffRequest, found: Batch) -> HttpResponse:
    """Block a batch everywhere."""
    return _change(request, found, BlockForm(request.POST or None), act=acts.block, name="block")


@changing(is_ministry)
def unblock(request: StaffRequest, found: Batch) -> HttpResponse:
    """Let a batch be used again."""
    return _change(request, found, UnblockForm(request.POST or None), act=acts.unblock, name="unblock")


@changing(is_ministry)
def expiry(request: StaffRequest, found: Batch) -> HttpResponse:
    """Give a batch another last day."""
    form = ExpiryForm(request.POST or None, initial={"expires_on": found.expires_on})
    return _change(request, found, form, act=acts.change_expiry, name="expiry")


def _change(request: StaffRequest, found: Batch, form: forms.Form, *, act: Any, name: str) -> HttpResponse:
    """The form, then the question whether they are sure, then the act."""
    context = {"batch": found, "form": form, "act": name}
    if not form.is_valid():
        return render(request, "logistics/stock/batches/change.html", context)
    if "confirmed" not in request.POST:
        context["where"] = recall.holders(found)
        return render(request, "logistics/stock/batches/confirm.html", context)
    try:
        act(batch=found, by=request.user, now=timezone.now(), form=sending(request), **form.cleaned_data)
    except FormChanged as error:
        form.add_error(None, str(error))
        return render(request, "logistics/stock/batches/change.html", context)
    except BatchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(_ACTS[name]) % {"batch": found.number})
    return redirect("logistics:batch", found.pk)


def _seen(user: User) -> QuerySet[Store]:
    """The stores whose batches the user sees: all for the distributor, who must find them all. Raises Http404."""
    if is_ministry(user) or _is_distributor(user):
        return Store.objects.all()
    stores = stores_of(user)
    if not StaffRole.objects.filter(user=user).exists():
        raise Http404
    return stores


def _is_distributor(user: User) -> bool:
    return StaffRole.objects.filter(user=user, role=Role.DISTRIBUTOR).exists()


def _used_by_store(rows: list[recall.Use]) -> list[tuple[Store, list[recall.Use], int]]:
    """The days of each store together, and their sum."""
    found = []
    for _key, days in groupby(rows, key=lambda row: row.store.pk):
        listed = list(days)
        found.append((listed[0].store, listed, sum(row.doses for row in listed)))
    return found
