"""The base of the admin's screens: each names acts of `permissions`, and shows the rows of the user's own places."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from crs.admin.screens import FormsOfReader, Screen
from logistics.staff import permissions


class StaffAdmin(Screen):
    """A screen of the admin; it comes first among the bases of a class.

    `see`, `add`, `change` and `delete` name acts. An action without an act is open to nobody. With `site_path` or
    `store_path` the rows are those of the sites or stores where the user may `see`, and `change` and `delete` are asked
    there.
    """

    see: str
    add: str | None = None
    change: str | None = None
    delete: str | None = None
    # From the row to its site or store, such as "slot__site".
    site_path = ""
    store_path = ""
    # Whether Django's own permissions, which superusers give to single accounts, open the screen and all its rows too.
    heeds_permissions = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self.heeds_permissions and super().has_view_permission(request):
            return rows
        return self._theirs(request, rows, self.see)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # Which row it is need not be asked: Django takes every one from `get_queryset`.
        if self.heeds_permissions and super().has_view_permission(request, obj):
            return True
        return self._may(request, self.see)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.add)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if self.change and self.heeds_permissions and super().has_change_permission(request, obj):
            return True
        return self._may(request, self.change, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, self.delete, obj)

    def _may(self, request: HttpRequest, act: str | None, obj: Model | None = None) -> bool:
        user = staff_user(request)
        if act is None or act not in permissions.acts_of(user):
            return False
        if obj is None or not (self.site_path or self.store_path) or permissions.may_everywhere(user, act):
            return True
        # Asked once a request: Django asks again for every form of every inline.
        known: dict[tuple[Any, ...], bool] = request.__dict__.setdefault("known_rights", {})
        question = (self.model, obj.pk, act)
        if question not in known:
            known[question] = self._theirs(request, self.model._base_manager.filter(pk=obj.pk), act).exists()
        return known[question]

    def _theirs(self, request: HttpRequest, rows: QuerySet[Any], act: str) -> QuerySet[Any]:
        """Those of `rows` that lie where the user may do `act`."""
        user, path = staff_user(request), self.site_path or self.store_path
        if not path or permissions.may_everywhere(user, act):
            return rows
        where = permissions.sites_where if self.site_path else permissions.stores_where
        theirs = {f"{path}__in": where(user, act)}
        if "__" not in path:
            return rows.filter(**theirs)
        # A subquery: a row that leads to two places of theirs stands in the list once.
        return rows.filter(pk__in=self.model._base_manager.filter(**theirs).values("pk"))


class StaffInline(FormsOfReader, admin.TabularInline[Any, Any]):
    """Rows below a parent row. Users who may see (change) the parent row may see (change) these."""

    extra = 0
    template = "admin/crs/tabular.html"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._above().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def _above(self) -> admin.ModelAdmin[Any]:
        return self.admin_site.get_model_admin(self.parent_model)


def staff_user(request: HttpRequest) -> User:
    """The member of staff who is logged in to the admin."""
    if not isinstance(request.user, User):  # the admin lets nobody else in
        raise PermissionDenied
    return request.user
