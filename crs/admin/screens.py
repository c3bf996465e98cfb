"""The base of the screens of all apps, and of those whose rows are only read."""

from itertools import chain
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.forms.models import _get_foreign_key
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from crs import czech_cases
from crs.admin import deleting, history, labels, links, typed_fields
from crs.admin.order import CzechChangeList
from crs.typed import plain


class FormsOfReader:
    """For screens and inlines: fields clean what is typed, and related rows are links where who looks may open them."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest | None, **options: Any) -> Any:
        typed = typed_fields.options_of(db_field)
        # A widget of the screen's own stays; a class does not: Django's form of an account names its own for names.
        options = typed | options
        if "form_class" in typed:
            options["form_class"] = typed["form_class"]
        return super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return links.knows_the_user(super().get_form(request, *args, **kwargs), request)  # type: ignore[misc]

    def get_formset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        formset = super().get_formset(request, *args, **kwargs)  # type: ignore[misc]
        links.knows_the_user(formset.form, request)
        return labels.named_fields(formset)


class Screen(FormsOfReader, admin.ModelAdmin[Any]):
    """The base of all screens: typed fields, links that open, the kept history, lists in Czech order.

    Titles have the name of the model in the right case; templates have `counted` and `whom`.
    """

    object_history_template = "admin/crs/history.html"

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *where: Any) -> HttpResponse | None:
        """Let an action see the keys alone: Django asks the database for every text that was sent as one."""
        form = request.POST.copy()
        form.setlist(ACTION_CHECKBOX_NAME, [key for key in form.getlist(ACTION_CHECKBOX_NAME) if self._may_be_key(key)])
        request.POST = form  # type: ignore[assignment]  # no longer as it was sent
        return super().response_action(request, queryset, *where)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, plain(search_term))

    def _may_be_key(self, text: str) -> bool:
        try:
            self.opts.pk.to_python(text)
        except ValidationError:
            return False
        return "\0" not in text  # PostgreSQL keeps none

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What goes with the rows, by kind and number, and what forbids it."""
        found = deleting.Consequences(self.model, objs)
        going = found.going()
        counts = {str(model._meta.verbose_name_plural): number for model, number in going.items()}
        # Screens let some of their rows go and others stay. Of the chosen rows and of all that were read each is asked
        # about; of those that the database deletes unread only their kind.
        asked = [(model, None) for model in going]
        asked += [(type(row), row) for row in chain(objs, *found.data.values())]
        shut = {
            str(model._meta.verbose_name)
            for model, row in asked
            if (screen := self.admin_site._registry.get(model)) and not screen.has_delete_permission(request, row)
        }
        return [str(row) for row in objs], counts, shut, found.forbidding()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            row = response.context_data["object"]
            response.context_data["is_kept"] = history.event_model_of(self.model) is not None
            response.context_data["changes"] = history.changes(
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
