"""Deliveries announced to a store, and those that a store announced to others."""

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.errors import FormChanged
from crs.paging import Paginator
from crs.row_keys import row_key
from crs.sent_forms import sending
from logistics.models import AnnouncedDelivery
from logistics.staff import permissions
from logistics.staff.guards import StoreRequest, at_store
from logistics.staff.permissions import Act
from logistics.stock import announcing
from logistics.stock.errors import NotAwaited, StockError
from logistics.stock.forms.announcing import AnnounceForm
from logistics.stock.forms.entries import StoreSearchForm
from logistics.stock.views.deliveries import TARGETS_SHOWN, targets
from logistics.stock.views.recording import show

ON_A_PAGE = 50


@at_store(Act.SEE_STORE)
@require_safe
def announced(request: StoreRequest) -> HttpResponse:
    """What the store awaits and what it announced to others; with `?vse=1` also what came or was withdrawn."""
    mine = AnnouncedDelivery.objects.filter(Q(store=request.store) | Q(sender=request.store))
    shows_all = "vse" in request.GET
    found = mine.order_by("-expected_on", "-pk") if shows_all else mine.awaited().order_by("expected_on", "pk")
    listed = found.select_related("store", "sender", "vaccine", "announced_by").annotate(left=F("doses") - F("came"))
    acts = permissions.acts_at(request.user, request.store)
    context = {
        "page": Paginator(listed, ON_A_PAGE).get_page(request.GET.get("strana")),
        "shows_all": shows_all,
        "today": timezone.localdate(),
        "may_announce": Act.ANNOUNCE_DELIVERIES in acts,
        "may_settle": Act.KEEP_STOCK in acts,
    }
    return show(request, "announced", context)


@at_store(Act.ANNOUNCE_DELIVERIES)
@require_http_methods(["GET", "HEAD", "POST"])
def announce(request: StoreRequest) -> HttpResponse:
    """Announce a delivery: first the store is chosen, then what comes and when."""
    to = targets(request.store).filter(pk=row_key(request.GET.get("kam", "")) or 0).first()
    if to is None:
        search = StoreSearchForm.of(request.GET)
        found = list(targets(request.store).filter(name__icontains=search.text)[: TARGETS_SHOWN + 1])
        context = {"search": search, "targets": found[:TARGETS_SHOWN], "is_cut": len(found) > TARGETS_SHOWN}
        return show(request, "announce_target", context)
    form = AnnounceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            announcing.announce(
                sender=request.store,
                to=to,
                **form.cleaned_data,
                by=request.user,
                now=timezone.now(),
                form=sending(request),
            )
        except (StockError, FormChanged) as refusal:
            form.add_error("expected_on", str(refusal))
        else:
            messages.success(request, _("The delivery is announced. The store counts on it from now on."))
            return redirect("logistics:announced", request.store.pk)
    return show(request, "announce", {"form": form, "to": to})


@at_store(Act.ANNOUNCE_DELIVERIES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: StoreRequest, delivery_id: int) -> HttpResponse:
    """Take back what this store announced."""
    delivery = _one(AnnouncedDelivery.objects.filter(sender=request.store), delivery_id)
    if request.method == "POST":
        announcing.withdraw(delivery_id=delivery.pk, now=timezone.now(), form=sending(request))
        messages.success(request, _("The delivery is withdrawn. Nobody counts on it any more."))
        return redirect("logistics:announced", request.store.pk)
    return _ask(request, delivery, "withdraw")


@at_store(Act.KEEP_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: StoreRequest, delivery_id: int) -> HttpResponse:
    """Say that what was announced to this store is here, and no more of it comes."""
    delivery = _one(AnnouncedDelivery.objects.filter(store=request.store), delivery_id)
    if request.method == "POST":
        announcing.settle(delivery_id=delivery.pk, now=timezone.now(), form=sending(request))
        messages.success(request, _("The delivery is settled. The store awaits nothing more of it."))
        return redirect("logistics:announced", request.store.pk)
    return _ask(request, delivery, "settle")


def _one(found: QuerySet[AnnouncedDelivery], delivery_id: int) -> AnnouncedDelivery:
    return get_object_or_404(found.select_related("store", "sender", "vaccine"), pk=delivery_id)


def _ask(request: StoreRequest, delivery: AnnouncedDelivery, act: str) -> HttpResponse:
    """The page that asks before the act; whoever comes too late is told so on the list."""
    if delivery.arrived_at or delivery.withdrawn_at:
        messages.info(request, str(NotAwaited.message))
        return redirect("logistics:announced", request.store.pk)
    return show(request, "announced_end", {"delivery": delivery, "act": act})
