"""What limits a screen of the admin to the sites of whoever looks."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from crs.admin import ReadOnly
from logistics.models import Role, StaffRole, Store, VaccinationSite
from logistics.staff import access

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

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only their own sites and stores."""
        if isinstance(db_field, ForeignKey) and "queryset" not in kwargs:
            if db_field.related_model is VaccinationSite:
                kwargs["queryset"] = access.sites_of(staff_user(request))
            elif db_field.related_model is Store:
                kwargs["queryset"] = access.stores_of(staff_user(request))
        field: ModelChoiceField[Any] | None = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def _sees_all(self, request: HttpRequest) -> bool:
        return is_ministry(request) or (self.heeds_permissions and super().has_view_permission(request))

    def _is_theirs(self, request: HttpRequest, roles: tuple[Role, ...], obj: Any) -> bool:
        if is_ministry(request):
            return True
        if obj is None:
            return not roles_held(request).isdisjoint(roles)
        return self._rows(_sites(request, roles)).filter(pk=obj.pk).exists()

    def _rows(self, sites: QuerySet[VaccinationSite]) -> QuerySet[Any]:
        return self.model._base_manager.filter(**{f"{self.site_path}__in": sites})


def staff_user(request: HttpRequest) -> User:
    """Who is logged in to the admin."""
    if not isinstance(request.user, User):  # the admin lets nobody else in
        raise PermissionDenied
    return request.user


def _sites(request: HttpRequest, roles: tuple[Role, ...]) -> QuerySet[VaccinationSite]:
    user = staff_user(request)
    sites = access.sites_with_role(user, *roles)
    return sites | access.regional_sites_of(user) if Role.REGION in roles else sites


def is_ministry(request: HttpRequest) -> bool:
    """Whether the user sees and does everything."""
    return bool(request.user.is_superuser) or Role.MINISTRY in roles_held(request)


def roles_held(request: HttpRequest) -> frozenset[str]:
    """The roles of the user, wherever they are; asked once a request, for Django asks for every model on every page."""
    if not hasattr(request, "roles_held"):
        roles = StaffRole.objects.filter(user=staff_user(request))
        request.roles_held = frozenset(roles.values_list("role", flat=True))  # type: ignore[attr-defined]
    held: frozenset[str] = request.roles_held  # type: ignore[attr-defined]
    return held


def _has_role(request: HttpRequest) -> bool:
    return is_ministry(request) or bool(roles_held(request))


class SeenByStaff:
    """Whoever has a role may look; Django's own permissions count for nothing here."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff with a role."""
        return _has_role(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff with a role."""
        return _has_role(request)


class EditedByMinistry(SeenByStaff):
    """Rules of the campaign: staff look, the ministry edits."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The ministry."""
        return is_ministry(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The ministry."""
        return is_ministry(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The ministry; what is in use the database keeps."""
        return is_ministry(request)


class SeenInStores(ReadOnly):
    """Whoever has a role may look at what `stores_of` lets them see; nobody writes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Staff with a role."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff with a role."""
        user = staff_user(request)
        # Asked once a request: Django asks for every model on every page.
        if not hasattr(request, "sees_stock"):
            sees = user.is_superuser or StaffRole.objects.filter(user=user).exists()
            request.sees_stock = sees  # type: ignore[attr-defined]
        return bool(request.sees_stock)  # type: ignore[attr-defined]


def _stores(request: HttpRequest) -> QuerySet[Store, Any]:
    return access.stores_of(staff_user(request)).values("pk")
