"""Links of the admin lead only where whoever reads them may go.

Django shows a related row as a link to its screen, whoever looks, and answers 403 to the click. It has no hook for it:
the class below takes the place of Django's own.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.db.models import Model
from django.http import HttpRequest


class RelatedRow(helpers.AdminReadonlyField):
    """A field that is only read; a related row is a link where its screen shows that row to the user."""

    def get_admin_url(self, remote_field: Any, remote_obj: Model) -> str:
        request: HttpRequest | None = getattr(self.form, "request", None)
        if request is not None and not opens(request, remote_obj):
            return str(remote_obj)
        return super().get_admin_url(remote_field, remote_obj)


def opens(request: HttpRequest, row: Model) -> bool:
    """Whether the user may open the screen of `row`, and the row is among those that the screen shows them."""
    screen = admin.site._registry.get(type(row))
    if screen is None or not screen.has_view_or_change_permission(request, row):
        return False
    return bool(screen.get_queryset(request).filter(pk=row.pk).exists())


def knows_the_user(form: Any, request: HttpRequest) -> Any:
    """Tell the class of a form, which Django makes for one request, who looks at it."""
    form.request = request
    return form


helpers.AdminReadonlyField = RelatedRow  # type: ignore[misc]
