"""The team of a site and its stations."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crs.errors import DomainError
from logistics.staff.guards import SiteRequest, at_site
from vaccination.models import HealthWorker, Station
from vaccination.pages import done, entry_context, posted, show
from vaccination.permissions import VaccinationAct
from vaccination.team import stations, workers
from vaccination.team.errors import DoctorIsLinked, NumberTaken
from vaccination.team.forms import MyWorkerForm, StationForm, WorkerForm, shown
from vaccination.team.workers import WorkerDetails


@at_site(VaccinationAct.MANAGE_TEAM)
@require_GET
def team(request: SiteRequest) -> HttpResponse:
    """The stations and the health workers of the site."""
    return _team(request, StationForm())


@at_site(VaccinationAct.MANAGE_TEAM)
@require_POST
def add_station(request: SiteRequest) -> HttpResponse:
    """Add a station."""
    form = StationForm(request.POST)
    if done(
        form,
        lambda: stations.add(site=request.site, name=form.cleaned_data["name"], context=entry_context(request)),
    ):
        return redirect("vaccination:team", request.site.pk)
    return _team(request, form)


@at_site(VaccinationAct.MANAGE_TEAM)
@require_POST
def close_station(request: SiteRequest, station_id: int) -> HttpResponse:
    """Close a station."""
    station = get_object_or_404(Station, pk=station_id, site=request.site)
    try:
        stations.close(station=station, context=entry_context(request))
    except DomainError as refusal:
        return _team(request, StationForm(), problem=str(refusal))
    return redirect("vaccination:team", request.site.pk)


@at_site(VaccinationAct.MANAGE_TEAM)
@require_http_methods(["GET", "POST"])
def add_worker(request: SiteRequest) -> HttpResponse:
    """Add a health worker."""
    form = WorkerForm(posted(request), accounts=workers.staff_of(request.site))
    if done(
        form,
        lambda: workers.add(site=request.site, details=_details(form), context=entry_context(request)),
    ):
        return redirect("vaccination:team", request.site.pk)
    return show(request, "team/worker.html", {"form": form})


@at_site(VaccinationAct.MANAGE_TEAM)
@require_http_methods(["GET", "POST"])
def worker(request: SiteRequest, worker_id: int) -> HttpResponse:
    """Change the particulars of a health worker, or end their row."""
    row = get_object_or_404(HealthWorker, pk=worker_id, site=request.site)
    is_end = "end" in request.POST
    form = WorkerForm(None if is_end else posted(request), accounts=workers.staff_of(request.site), initial=shown(row))
    problem = ""
    if is_end:
        try:
            workers.end(worker=row, context=entry_context(request))
        except DomainError as refusal:
            problem = str(refusal)
        else:
            return redirect("vaccination:team", request.site.pk)
    if done(
        form,
        lambda: workers.replace(worker=row, details=_details(form), context=entry_context(request)),
    ):
        return redirect("vaccination:team", request.site.pk)
    return show(request, "team/worker.html", {"form": form, "row": row, "problem": problem})


@at_site(VaccinationAct.GIVE_DOSES)
@require_http_methods(["GET", "POST"])
def my_worker(request: SiteRequest) -> HttpResponse:
    """Fill in one's own number, so that the first morning does not stop."""
    mine = workers.worker_of(request.user, request.site)
    initial = shown(mine) or {"name": request.user.get_full_name()}
    form = MyWorkerForm(posted(request), initial=initial)
    if done(form, lambda: _keep_mine(request, form, mine)):
        return redirect("vaccination:vials", request.site.pk)
    is_of_site = workers.staff_of(request.site).filter(pk=request.user.pk).exists()
    return show(request, "team/my_worker.html", {"form": form, "mine": mine, "is_of_site": is_of_site})


def _keep_mine(request: SiteRequest, form: MyWorkerForm, mine: HealthWorker | None) -> None:
    """Add or replace the user's row; one that the manager made without an account becomes theirs.

    A doctor answers for doses and overrides, so nobody becomes one here: a doctor's row is linked by the manager.
    """
    context, number = entry_context(request), form.cleaned_data["register_number"]
    details = form.details(request.user, is_doctor=mine is not None and mine.is_doctor)
    unlinked = workers.working(request.site).filter(register_number=number, user=None).first()
    if unlinked is not None and unlinked.is_doctor:
        raise DoctorIsLinked
    row = mine or unlinked
    if row is None:
        workers.add(site=request.site, details=details, context=context)
    elif mine is not None and unlinked is not None:
        raise NumberTaken
    else:
        workers.replace(worker=row, details=details, context=context)


def _details(form: WorkerForm) -> WorkerDetails:
    return form.details(form.cleaned_data["user"], is_doctor=form.cleaned_data["is_doctor"])


def _team(request: SiteRequest, form: StationForm, *, problem: str = "") -> HttpResponse:
    listed = workers.working(request.site).select_related("user")
    known = {one.user_id for one in listed}
    missing = [one for one in workers.staff_of(request.site) if one.pk not in known]
    context = {
        "form": form,
        "problem": problem,
        "stations": stations.stations(request.site),
        "workers": listed,
        "missing": missing,
        "has_doctor": any(one.is_doctor for one in listed),
    }
    return show(request, "team/team.html", context)
