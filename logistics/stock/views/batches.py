"""Batches: their list, the page of one, its block and release, and a new expiry."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from crs import csv_download
from crs.accounts.guards import StaffRequest
from crs.errors import FormChanged
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.models import Batch, Store
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from logistics.staff.permissions import Act
from logistics.stock import recall
from logistics.stock.forms.batches import BatchSearchForm, BlockForm, ExpiryForm, UnblockForm
from logistics.vaccines import batches as batch_operations
from logistics.vaccines.batches import state_of
from logistics.vaccines.errors import BatchError

BATCHES_ON_A_PAGE = 50
_DONE = {
    "block": gettext_lazy("Batch %(batch)s is blocked everywhere. Who holds it gets an e-mail."),
    "unblock": gettext_lazy("Batch %(batch)s may be used again."),
    "expiry": gettext_lazy("The expiry of batch %(batch)s is changed."),
}


@staff_who_may(Act.LOOK_UP)
@require_GET
def batches(request: StaffRequest) -> HttpResponse:
    """All batches, with the amounts in the stores that the user sees."""
    stores = _seen(request.user)
    form = BatchSearchForm(request.GET)
    found = Batch.objects.published().select_related("vaccine").order_by("vaccine__name__czech", "expires_on", "number")
    if form.is_valid() and form.cleaned_data["sarze"]:
        found = found.filter(number__icontains=form.cleaned_data["sarze"])
    page = Paginator(found, BATCHES_ON_A_PAGE).get_page(request.GET.get("strana"))
    held = recall.amounts(page.object_list, stores=stores)
    today = timezone.localdate()
    rows = [(one, state_of(one, today=today), *held.get(one.pk, (0, 0))) for one in page.object_list]
    return render(request, "logistics/stock/batches/list.html", {"form": form, "page": page, "rows": rows})


@staff_who_may(Act.LOOK_UP)
@require_GET
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """A batch: the stores that hold it, await it and used it, as far as the user sees them, and its history."""
    stores = _seen(request.user)
    found = _batch_or_404(batch_id)
    whereabouts = recall.holders(found, stores=stores)
    context = {
        "batch": found,
        "where": whereabouts,
        "used": _used_by_store(whereabouts.used),
        "history": batch_operations.changes_of(found),
        "acts": permissions.acts_of(request.user),
        "distributors": Store.objects.distributors_to_call(found),
        "is_expired": found.is_expired(timezone.localdate()),
    }
    return render(request, "logistics/stock/batches/batch.html", context)


@staff_who_may(Act.LOOK_UP)
@require_GET
def uses(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The stores and days of a batch's use, as a CSV file for a recall."""
    stores = _seen(request.user)
    found = _batch_or_404(batch_id)
    lines = recall.uses(recall.holders(found, stores=stores).used)
    return csv_download.download(f"sarze-{found.number}", lines)


@staff_who_may(Act.BLOCK_BATCH)
@require_http_methods(["GET", "POST"])
def block(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Block a batch everywhere."""
    found = _batch_or_404(batch_id)
    return _change(request, found, BlockForm(request.POST or None), change=batch_operations.block, name="block")


@staff_who_may(Act.UNBLOCK_BATCH)
@require_http_methods(["GET", "POST"])
def unblock(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Let a batch be used again."""
    found = _batch_or_404(batch_id)
    return _change(request, found, UnblockForm(request.POST or None), change=batch_operations.unblock, name="unblock")


@staff_who_may(Act.CHANGE_EXPIRY)
@require_http_methods(["GET", "POST"])
def expiry(request: StaffRequest, batch_id: int) -> HttpResponse:
    """Give a batch another last day."""
    found = _batch_or_404(batch_id)
    form = ExpiryForm(request.POST or None, initial={"expires_on": found.expires_on})
    return _change(request, found, form, change=batch_operations.change_expiry, name="expiry")


def _batch_or_404(batch_id: int) -> Batch:
    return get_object_or_404(Batch.objects.published().select_related("vaccine"), pk=batch_id)


def _change(request: StaffRequest, found: Batch, form: forms.Form, *, change: Any, name: str) -> HttpResponse:
    """Show the form, then the question whether the user is sure, then make the change."""
    context = {"batch": found, "form": form, "change": name}
    if not form.is_valid():
        return render(request, "logistics/stock/batches/change.html", context)
    if "confirmed" not in request.POST:
        context["where"] = recall.holders(found)
        return render(request, "logistics/stock/batches/confirm.html", context)
    try:
        change(batch=found, by=request.user, now=timezone.now(), form=sending(request), **form.cleaned_data)
    except FormChanged as error:
        form.add_error(None, str(error))
        return render(request, "logistics/stock/batches/change.html", context)
    except BatchError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(_DONE[name]) % {"batch": found.number})
    return redirect("logistics:batch", found.pk)


def _seen(user: User) -> QuerySet[Store]:
    """The stores whose batches the user sees: all for the distributor, who must find them all."""
    if Act.TRACE_BATCHES in permissions.acts_of(user):
        return Store.objects.all()
    return permissions.stores_where(user, Act.SEE_STORE)


def _used_by_store(rows: list[recall.Use]) -> list[tuple[Store, list[recall.Use], int]]:
    """The uses by store: the store, its days, and the sum of their doses."""
    found = []
    for _key, days in groupby(rows, key=lambda row: row.store.pk):
        listed = list(days)
        found.append((listed[0].store, listed, sum(row.doses for row in listed)))
    return found
