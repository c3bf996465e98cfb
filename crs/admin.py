"""What the staff's screens of all apps share: rows that are only read, a search that no address tells."""

import secrets
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import FORMFIELD_FOR_DBFIELD_DEFAULTS, IS_POPUP_VAR
from django.contrib.admin.utils import NestedObjects, flatten_fieldsets
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, SEARCH_VAR, ChangeList
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import FieldDoesNotExist
from django.db import models, router
from django.db.models import Q, QuerySet
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext

from crs import admin_history, admin_labels, admin_links, czech_cases, typed, typed_numbers
from crs.session_encryption import seal, unseal
from crs.typed_moment import DayField, TimeField

SEARCHES = "private_searches"
# A session is no archive: the oldest search is forgotten first.
MOST_SEARCHES = 10
LONGEST = 200


# What fields of the admin are typed into. Fields that extend these, such as a telephone, have forms of their own.
_TYPED: dict[type[models.Field[Any, Any]], Callable[..., forms.Field]] = {
    models.CharField: typed.PlainField,
    models.TextField: typed.LinesField,
    models.EmailField: typed.EmailField,
    models.SlugField: typed.SlugField,
    models.URLField: typed.UrlField,
    models.DateField: partial(DayField, needs_year=True),
    models.TimeField: partial(TimeField, hour_alone=True),
}


def typed_field(field: models.Field[Any, Any]) -> dict[str, Any]:
    """The options with which the admin asks for `field`: one that cleans what is typed."""
    form_class = None if field.choices else _TYPED.get(type(field))
    return {"form_class": form_class} if form_class else {}


class CzechChangeList(ChangeList):
    """A list whose columns of text are sorted in Czech."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The order that Django finds, with each name where a Czech reader looks for it."""
        return [_in_czech(self.model, one) for one in super().get_ordering(request, queryset)]


def _in_czech(model: type[models.Model], order: Any) -> Any:
    """`order` by the lookup `czech` where it names a text that people write; else as it is."""
    if not isinstance(order, str):
        return order
    field: Any = None
    try:
        for part in order.lstrip("-").split("__"):
            field = (field.related_model if field else model)._meta.get_field(part)
    except (FieldDoesNotExist, AttributeError):  # an annotation, "pk", or a lookup already
        return order
    return f"{order}__czech" if isinstance(field, models.CharField | models.TextField) and not field.choices else order


class LinksOfReader:
    """For screens and inlines: related rows are links only where who looks may open them (`crs/admin_links.py`)."""

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return admin_links.knows_the_user(super().get_form(request, *args, **kwargs), request)  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        formset = super().get_formset(request, *args, **kwargs)  # type: ignore[misc]
        admin_links.knows_the_user(formset.form, request)
        return admin_labels.named_fields(formset)


class Screen(LinksOfReader, admin.ModelAdmin[Any]):
    """The base of all screens: links that open, the history that the database keeps, lists sorted in Czech.

    Titles have the name of the model in the right case; templates have `counted` and `whom`.
    """

    object_history_template = "admin/crs/history.html"

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the rows, by kind and number: Django would write out each of a vaccine's slots by name."""
        collector = NestedObjects(using=router.db_for_write(self.model), origin=objs)
        collector.collect(objs)
        going: dict[Any, int] = {model: len(rows) for model, rows in collector.model_objs.items()}
        counts = {str(model._meta.verbose_name_plural): number for model, number in going.items()}
        shut = {
            str(model._meta.verbose_name)
            for model in going
            if (screen := self.admin_site._registry.get(model)) and not screen.has_delete_permission(request)
        }
        kept = Counter(str(capfirst(row._meta.verbose_name_plural)) for row in collector.protected)
        return [str(row) for row in objs], counts, shut, [f"{kind}: {number}" for kind, number in kept.items()]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            row = response.context_data["object"]
            response.context_data["is_kept"] = admin_history.event_model_of(self.model) is not None
            response.context_data["changes"] = admin_history.changes(
                row,
                shown=frozenset(map(str, flatten_fieldsets(self.get_fieldsets(request, row)))),
                below=[
                    (
                        inline.model,
                        _get_foreign_key(self.model, inline.model).name,
                        frozenset(map(str, flatten_fieldsets(inline.get_fieldsets(request, row)))),
                    )
                    for inline in self.get_inline_instances(request, row)
                ],
            )
        return response

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CzechChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if IS_POPUP_VAR in request.GET:
            title = gettext("Select %s")
        elif self.has_change_permission(request):
            title = gettext("Select %s to change")
        else:
            title = gettext("Select %s to view")
        named = {"title": title % czech_cases.whom(self.opts.verbose_name)}
        return super().changelist_view(request, named | (extra_context or {}))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if add:
            title = gettext("Add %s")
        else:
            title = gettext("Change %s") if self.has_change_permission(request, obj) else gettext("View %s")
        context["title"] = title % czech_cases.whom(self.opts.verbose_name)
        return super().render_change_form(request, context, add, change, form_url, obj)


class ReadOnly(Screen):
    """Rows that nobody adds, edits or deletes by hand: that would go around the operations and the history."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PrivateSearchAdmin(ReadOnly):
    """A read-only screen whose search may be for a telephone number or a name.

    Django puts what is searched for into the address, where logs and histories keep it. Here the form is
    sent by POST, what was typed waits encrypted in the session, and the address carries its place there.
    """

    change_list_template = "admin/crs/private_search.html"
    search_fields = ("pk",)  # makes Django show the field; search_question asks

    def search_question(self, text: str) -> Q:
        """The filter for the search text `text`; subclasses define it."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Take a search out of the body of a POST; filters and order stay in the address as they were."""
        if request.method != "POST" or "private_search" not in request.POST:
            return super().changelist_view(request, extra_context)
        address = request.GET.copy()
        for name in (SEARCH_VAR, PAGE_VAR, ERROR_FLAG):
            address.pop(name, None)
        text = typed.plain(request.POST.get(SEARCH_VAR, ""))[:LONGEST]
        if text:
            address[SEARCH_VAR] = _remember(request, text)
        return redirect(f"{request.path}?{address.urlencode()}" if address else request.path)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what the session remembers under the place `search_term`; nothing where it remembers nothing."""
        if not search_term:
            return queryset, False
        sealed = request.session.get(SEARCHES, {}).get(search_term)
        text = unseal(sealed) if sealed else None
        return (queryset.filter(self.search_question(text)) if text else queryset.none()), False


def read_numbers_as_people_write_them() -> None:
    """Make all screens and their rows read numbers by `typed_numbers`, those of other apps too.

    It counts for the screens that are registered afterwards.
    """
    of_integers = {
        "form_class": typed_numbers.IntegerField,
        "widget": AdminTextInputWidget({"class": "vIntegerField"}),
    }
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.IntegerField] = of_integers
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.BigIntegerField] = of_integers
    FORMFIELD_FOR_DBFIELD_DEFAULTS[models.DecimalField] = {**of_integers, "form_class": typed_numbers.DecimalField}


def _remember(request: HttpRequest, text: str) -> str:
    """Keep `text` sealed in the session; return the place where it waits."""
    place = secrets.token_hex(4)
    kept = [*request.session.get(SEARCHES, {}).items(), (place, seal(text))]
    request.session[SEARCHES] = dict(kept[-MOST_SEARCHES:])
    return place
