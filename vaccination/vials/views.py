"""The stations of a site with their vials."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import DomainError
from logistics.models import Store
from logistics.staff.guards import SiteRequest, at_site
from logistics.stock.on_hand import Holding
from vaccination.models import Station, VialSession
from vaccination.pages import done, entry_context, forms_of, posted, show
from vaccination.permissions import VaccinationAct
from vaccination.team import stations, workers
from vaccination.vials import sessions
from vaccination.vials.balance import doses_against_people
from vaccination.vials.choosing import closed_vials
from vaccination.vials.forms import End, EndVialForm, OpenVialForm, Reason, SpoilDoseForm


@dataclass(frozen=True)
class Place:
    """A station with its open vial."""

    station: Station
    vial: VialSession | None
    is_mine: bool
    is_out_of_time: bool


@at_site(VaccinationAct.GIVE_DOSES)
@require_GET
def vials(request: SiteRequest) -> HttpResponse:
    """The stations with their vials, and how the doses stand against people still to come."""
    return _vials(request)


@at_site(VaccinationAct.GIVE_DOSES)
@forms_of("vaccination:vials")
def choose_station(request: SiteRequest) -> HttpResponse:
    """Remember at which station this browser stands."""
    typed = request.POST.get("station", "")
    found = [one for one in stations.stations(request.site) if str(one.pk) == typed]
    if not found:
        return _vials(request, problem=_("This station is not used any more. Choose another one."))
    stations.choose(request, found[0])
    if visit := _back_to(request.POST):
        return redirect("vaccination:vaccinate", request.site.pk, visit)
    return redirect("vaccination:vials", request.site.pk)


def _back_to(typed: QueryDict) -> UUID | None:
    """The visit of the person who waits meanwhile, where the page of the dose led here."""
    try:
        return UUID(typed.get("navsteva", ""))
    except ValueError:
        return None


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def open_vial(request: SiteRequest, station_id: int) -> HttpResponse:
    """Open a vial at the station: one scan is enough."""
    station = get_object_or_404(Station, pk=station_id, site=request.site)
    form = OpenVialForm(posted(request), holdings=_closed(request))
    if done(
        form,
        lambda: sessions.open_vial(
            station=station,
            item=form.cleaned_data["vial"],
            doses=form.cleaned_data["doses"],
            opened_at=form.cleaned_data["opened_at"],
            context=entry_context(request),
        ),
    ):
        messages.success(request, _("The vial is open at station %(station)s.") % {"station": station.name})
        return redirect("vaccination:vials", request.site.pk)
    return show(
        request,
        "vials/open.html",
        {"form": form, "station": station, "standing": sessions.open_at(station), "balances": _balances(request)},
    )


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def end_vial(request: SiteRequest, vial_id: UUID) -> HttpResponse:
    """End a vial: throw away the rest, or put it aside."""
    vial = _vial(request, vial_id)
    is_over = vial.is_out_of_time(timezone.now())
    form = EndVialForm(posted(request), initial={"reason": Reason.EXPIRED if is_over else ""})
    if done(
        form,
        lambda: sessions.end(
            vial=vial,
            how=End.OUT_OF_TIME if is_over and form.cleaned_data["how"] == End.WASTED else form.cleaned_data["how"],
            waste_reason=form.cleaned_data["reason"],
            context=entry_context(request, form.cleaned_data["note"]),
        ),
    ):
        return redirect("vaccination:vials", request.site.pk)
    return show(request, "vials/end.html", {"form": form, "vial": vial, "is_over": is_over})


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def spoil_dose(request: SiteRequest, vial_id: UUID) -> HttpResponse:
    """Throw away one dose of an open vial."""
    vial = _vial(request, vial_id)
    form = SpoilDoseForm(posted(request))
    if done(
        form,
        lambda: sessions.spoil_dose(
            vial=vial, reason=form.cleaned_data["reason"], context=entry_context(request, form.cleaned_data["note"])
        ),
    ):
        return redirect("vaccination:vials", request.site.pk)
    return show(request, "vials/spoil.html", {"form": form, "vial": vial})


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def extra_dose(request: SiteRequest, vial_id: UUID) -> HttpResponse:
    """Count one more dose that was in the vial; the page asks first, as it goes into the stock."""
    vial = _vial(request, vial_id)
    if request.method == "GET":
        return show(request, "vials/extra.html", {"vial": vial})

    def add() -> None:
        sessions.add_extra_dose(vial=vial, context=entry_context(request))
        said = _(
            "One dose more is counted. Doses left in the vial: %(left)d. If that was wrong, write one off as spoiled."
        )
        messages.success(request, said % {"left": vial.left})

    return _acted(request, add)


@at_site(VaccinationAct.GIVE_DOSES)
@forms_of("vaccination:vials")
def take_back_waste(request: SiteRequest, vial_id: UUID) -> HttpResponse:
    """Take back the latest waste of a vial."""
    vial = _vial(request, vial_id)
    return _acted(request, lambda: sessions.take_back_waste(vial=vial, context=entry_context(request)))


@at_site(VaccinationAct.GIVE_DOSES)
@forms_of("vaccination:vials")
def take_up_vial(request: SiteRequest, vial_id: UUID) -> HttpResponse:
    """Go on with a vial that was put aside, at the station of this browser, else at its own."""
    vial = _vial(request, vial_id)
    station = stations.chosen(request) or vial.station
    return _acted(request, lambda: sessions.take_up(vial=vial, station=station, context=entry_context(request)))


def _acted(request: SiteRequest, operation: Callable[[], object]) -> HttpResponse:
    try:
        operation()
    except DomainError as refusal:
        return _vials(request, problem=str(refusal))
    return redirect("vaccination:vials", request.site.pk)


def _vials(request: SiteRequest, *, problem: str = "") -> HttpResponse:
    now = timezone.now()
    day = timezone.localdate(now)
    all_of_day = sessions.of_day(request.site, day)
    open_now = {vial.station_id: vial for vial in all_of_day if vial.ended_at is None}
    mine = stations.chosen(request)
    places = [_place(one, open_now.get(one.pk), mine, now) for one in stations.stations(request.site)]
    context = {
        "places": sorted(places, key=lambda one: not one.is_mine),
        "mine": mine,
        "balances": doses_against_people(request.site, day, now),
        "aside": sessions.with_rest(request.site),
        "ended": [vial for vial in all_of_day if vial.ended_at is not None and not vial.left],
        "form": _scanner() if mine and mine.pk not in open_now else None,
        "problem": problem,
        "back_to": _back_to(request.GET) or _back_to(request.POST),
        "worker": workers.worker_of(request.user, request.site),
    }
    return show(request, "vials/vials.html", context)


def _scanner() -> OpenVialForm:
    """The form of one field on the page of the stations."""
    form = OpenVialForm(holdings=[])
    form.fields["scan"].required = True
    return form


def _place(station: Station, vial: VialSession | None, mine: Station | None, now: datetime) -> Place:
    return Place(station, vial, station == mine, vial is not None and vial.is_out_of_time(now))


def _vial(request: SiteRequest, vial_id: UUID) -> VialSession:
    rows = VialSession.objects.select_related("station__site", "item__batch__vaccine")
    return get_object_or_404(rows, pk=vial_id, station__site=request.site)


def _closed(request: SiteRequest) -> list[Holding]:
    store = Store.objects.filter(site=request.site).first()
    return closed_vials(store, now=timezone.now()) if store else []


def _balances(request: SiteRequest) -> object:
    now = timezone.now()
    return doses_against_people(request.site, timezone.localdate(now), now)
