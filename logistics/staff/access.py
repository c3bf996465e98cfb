"""What a member of staff may see and touch: their sites, and through these everything else.

Who has no role sees nothing. The ministry and superusers see and do everything; a regional coordinator
sees the sites of the region and works with the region's own store.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeGuard
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode

from logistics.models import Region, Role, StaffRole, Store, VaccinationSite

P = ParamSpec("P")
Account = User | AnonymousUser

# Who moves stock, and who uses it up.
KEEPERS = (Role.STOCK_KEEPER, Role.MANAGER)
USERS_OF_DOSES = (Role.VACCINATOR, *KEEPERS)
# Who does everything in the stores where their role counts at all.
_OFFICES = frozenset({Role.REGION, Role.DISTRIBUTOR, Role.MINISTRY})


class StaffRequest(HttpRequest):
    """A request of a member of staff who gave the second factor."""

    user: User


class StoreRequest(StaffRequest):
    """A request about one store that the user may see."""

    store: Store


def is_staff(user: Account) -> TypeGuard[User]:
    """Whether it is an active staff account that gave its second factor in this session."""
    return user.is_authenticated and user.is_active and user.is_staff and user.is_verified()  # type: ignore[attr-defined]


def is_ministry(user: User) -> bool:
    """Whether the user may see and do everything."""
    return user.is_superuser or _roles(user).filter(role=Role.MINISTRY).exists()


def sites_of(user: User) -> QuerySet[VaccinationSite]:
    """The sites that the user sees: those with a role of theirs, of their region, or all for the ministry."""
    if is_ministry(user):
        return VaccinationSite.objects.all()
    regions = _regions_of(user)
    return VaccinationSite.objects.filter(
        Q(pk__in=_roles(user).filter(site__isnull=False).values("site"))
        | Q(district__region__in=regions)
        | Q(region__in=regions)
    )


def sites_with_role(user: User, *roles: Role) -> QuerySet[VaccinationSite]:
    """The sites at which the user may do what needs one of `roles`; all for the ministry."""
    if is_ministry(user):
        return VaccinationSite.objects.all()
    return VaccinationSite.objects.filter(pk__in=_roles(user).filter(role__in=roles).values("site"))


def regional_sites_of(user: User) -> QuerySet[VaccinationSite]:
    """The sites in the regions that the user coordinates."""
    regions = _regions_of(user)
    return VaccinationSite.objects.filter(Q(district__region__in=regions) | Q(region__in=regions))


def stores_of(user: User) -> QuerySet[Store]:
    """The stores that the user sees."""
    if is_ministry(user):
        return Store.objects.all()
    mine = Q(site__in=sites_of(user)) | Q(region__in=_regions_of(user))
    if _roles(user).filter(role=Role.DISTRIBUTOR).exists():
        mine |= Q(kind=Store.Kind.DISTRIBUTOR)
    return Store.objects.filter(mine)


def roles_at(user: User, store: Store) -> frozenset[str]:
    """The roles of the user that count in the store: those at its site, or of its region or firm. One query.

    What they let the user do there says `suffices`.
    """
    if user.is_superuser:
        return frozenset({Role.MINISTRY})
    place = Q(role=Role.MINISTRY)
    if store.site_id:
        place |= Q(site=store.site_id)
    elif store.region_id:
        place |= Q(role=Role.REGION, region=store.region_id)
    else:
        place |= Q(role=Role.DISTRIBUTOR)
    return frozenset(_roles(user).filter(place).values_list("role", flat=True))


def roles_at_site(user: User, site: VaccinationSite | None) -> frozenset[str]:
    """The roles of the user that count at the site, or without a site everywhere. One query or two.

    Those at the site, of its region, and of the ministry, which counts everywhere.
    """
    if user.is_superuser:
        return frozenset({Role.MINISTRY})
    place = Q(role=Role.MINISTRY)
    if site is not None:
        place |= Q(site=site) | Q(role=Role.REGION, region=site.lies_in)
    return frozenset(_roles(user).filter(place).values_list("role", flat=True))


def suffices(held: frozenset[str], *roles: Role) -> bool:
    """Whether `held`, from `roles_at`, let the user do there what needs one of `roles` at a site."""
    return not held.isdisjoint({*_OFFICES, *roles})


def establishes_distributors(user: User) -> bool:
    """Whether the user may establish the store of a distributor: the ministry, and distributors themselves."""
    return user.is_superuser or _roles(user).filter(role__in=(Role.MINISTRY, Role.DISTRIBUTOR)).exists()


def regions_of(user: User) -> QuerySet[Region]:
    """The regions whose reports the user sees."""
    return Region.objects.all() if is_ministry(user) else Region.objects.filter(pk__in=_regions_of(user))


def staff_only(
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let in staff with their second factor; others are asked to log in. Nothing of the answer is kept on the way."""

    @wraps(view)
    def wrapper(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_staff(request.user):
            return ask_to_log_in(request)
        response = view(request, *args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return wrapper


def at_store(
    *roles: Role,
) -> Callable[[Callable[Concatenate[StoreRequest, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Let in staff who have one of `roles` at the store named by `store_id` (no roles: who sees it); else 404."""

    def decorate(view: Callable[Concatenate[StoreRequest, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @staff_only  # type: ignore[arg-type]
        @wraps(view)
        def wrapper(request: StaffRequest, *args: Any, store_id: int, **kwargs: Any) -> HttpResponse:
            stores = Store.objects.all() if roles else stores_of(request.user)
            store = stores.filter(pk=store_id).select_related("site", "region").first()
            if store is None or (roles and not suffices(roles_at(request.user, store), *roles)):
                raise Http404
            request.store = store  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        return wrapper

    return decorate


def site_or_404(user: User, site_id: UUID, *roles: Role) -> VaccinationSite:
    """The site, if the user has one of `roles` there (no roles: sees it). Raises Http404."""
    mine = sites_with_role(user, *roles) if roles else sites_of(user)
    site = mine.filter(pk=site_id).first()
    if site is None:
        raise Http404
    return site


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """To the log-in page, and back here afterwards."""
    response = redirect("logistics:log_in")
    if request.method == "GET":
        response.headers["Location"] += "?" + urlencode({"next": request.get_full_path()})
    return response


def _roles(user: User) -> QuerySet[StaffRole]:
    return StaffRole.objects.filter(user=user)


def _regions_of(user: User) -> QuerySet[StaffRole, Any]:
    return _roles(user).filter(role=Role.REGION).values("region")
