"""What limits a screen of the admin to the sites of whoever looks."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from logistics import access
from logistics.models import Role, Store, VaccinationSite

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = object


class SiteScoped(_ModelAdmin):
    """Comes first among the bases of a `ModelAdmin` whose rows belong to sites.

    Staff with a role of `seen_by` at a site see the rows of that site, those of `changed_by` may also change
    them. The ministry sees and changes all; so does, where `heeds_permissions`, who has Django's own.
    """

    # From the row to its site, such as "slot__site".
    site_path = "site"
    seen_by: tuple[Role, ...] = ()
    changed_by: tuple[Role, ...] = ()
    heeds_permissions = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the sites that the user sees here."""
        rows = super().get_queryset(request)
        if self._sees_all(request):
            return rows
        # A subquery: a row that belongs to two sites of theirs stands in the list once.
        return rows.filter(pk__in=self._rows(_sites(request, self.seen_by)).values("pk"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whoever sees a row of this screen."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has a role of `seen_by` at the row's site, or anywhere when no row is asked about."""
        if self.heeds_permissions and super().has_view_permission(request, obj):
            return True
        return self._is_theirs(request, self.seen_by, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever has a role of `changed_by` at the row's site."""
        if self.heeds_permissions and super().has_change_permission(request, obj):
            return True
        return bool(self.changed_by) and self._is_theirs(request, self.changed_by, obj)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest | None, **kwargs: Any) -> Any:
        """Offer only their own sites and stores."""
        if isinstance(db_field, ForeignKey) and request is not None and "queryset" not in kwargs:
            if db_field.related_model is VaccinationSite:
                kwargs["queryset"] = access.sites_of(_user(request))
            elif db_field.related_model is Store:
                kwargs["queryset"] = access.stores_of(_user(request))
        field: ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def _sees_all(self, request: HttpRequest) -> bool:
        return _is_ministry(request) or (self.heeds_permissions and super().has_view_permission(request))

    def _is_theirs(self, request: HttpRequest, roles: tuple[Role, ...], obj: Any) -> bool:
        if _is_ministry(request):
            return True
        if obj is None:
            return _has_any(request, roles)
        return self._rows(_sites(request, roles)).filter(pk=obj.pk).exists()

    def _rows(self, sites: QuerySet[VaccinationSite]) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{f"{self.site_path}__in": sites})


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):  # the admin lets nobody else in
        raise PermissionDenied
    return request.user


def _sites(request: HttpRequest, roles: tuple[Role, ...]) -> QuerySet[VaccinationSite]:
    user = _user(request)
    sites = access.sites_with_role(user, *roles)
    return sites | access.regional_sites_of(user) if Role.REGION in roles else sites


def _is_ministry(request: HttpRequest) -> bool:
    """Asked once a request: Django asks for every model on every page."""
    if not hasattr(request, "is_of_ministry"):
        request.is_of_ministry = access.is_ministry(_user(request))  # type: ignore[attr-defined]
    return bool(request.is_of_ministry)  # type: ignore[attr-defined]


def _has_any(request: HttpRequest, roles: tuple[Role, ...]) -> bool:
    if not hasattr(request, "roles_held"):
        held = _user(request).staff_roles.values_list("role", flat=True)
        request.roles_held = frozenset(held)  # type: ignore[attr-defined]
    return not request.roles_held.isdisjoint(roles)  # type: ignore[attr-defined]
