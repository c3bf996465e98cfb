"""Decorators of staff's pages. Each names an act; a user who may not do it gets 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from crs.accounts.guards import StaffRequest, staff_only
from logistics.models import Store, VaccinationSite
from logistics.staff import permissions

P = ParamSpec("P")


class StoreRequest(StaffRequest):
    """A request about one store, in which the user may do the act of the page."""

    store: Store


class SiteRequest(StaffRequest):
    """A request about one site, at which the user may do the act of the page."""

    site: VaccinationSite  # type: ignore[assignment]  # the stubs know that of django.contrib.sites


def staff_who_may(
    act: str,
) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff who may do `act` anywhere; others get 404."""
    permissions.grant(act)  # an unknown act ends the start, not a request

    def decorate(view: Callable[Concatenate[StaffRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @staff_only
        @wraps(view)
        def wrapper(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if act not in permissions.acts_of(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapper

    return decorate


def at_store(
    act: str,
) -> Callable[[Callable[Concatenate[StoreRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff who may do `act` in the store named by `store_id`, which becomes `request.store`; else 404."""
    permissions.grant(act)

    def decorate(view: Callable[Concatenate[StoreRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @staff_only  # type: ignore[arg-type]
        @wraps(view)
        def wrapper(request: StaffRequest, *args: Any, store_id: int, **kwargs: Any) -> HttpResponse:
            store = get_object_or_404(Store.objects.select_related("site", "region"), pk=store_id)
            if not permissions.may(request.user, act, store):
                raise Http404
            request.store = store  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        return wrapper

    return decorate


def at_site(
    act: str,
) -> Callable[[Callable[Concatenate[SiteRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff who may do `act` at the site named by `site_id`, which becomes `request.site`; else 404."""
    permissions.grant(act)

    def decorate(view: Callable[Concatenate[SiteRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @staff_only  # type: ignore[arg-type]
        @wraps(view)
        def wrapper(request: StaffRequest, *args: Any, site_id: UUID, **kwargs: Any) -> HttpResponse:
            request.site = site_or_404(request.user, site_id, act)  # type: ignore[assignment]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        return wrapper

    return decorate


def site_or_404(user: User, site_id: UUID, act: str) -> VaccinationSite:
    """The site, if the user may do `act` there. Raises Http404."""
    site = permissions.site_where(user, act, site_id)
    if site is None:
        raise Http404
    return site
