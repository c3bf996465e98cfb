"""Django's permissions in words: it keeps their names in the database, in English alone."""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crs import czech_cases
from crs.admin.screens import Screen

_VERBS = {"add": _("Add %s"), "change": _("Change %s"), "delete": _("Delete %s"), "view": _("View %s")}


class WithPermissions(Screen):
    """A screen that gives permissions, each in the language of the page."""

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> ModelMultipleChoiceField[Any] | None:
        """The field with permissions in words."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[arg-type]
        if db_field.related_model is Permission and field is not None:
            field.label_from_instance = label  # type: ignore[method-assign, assignment]
        return field


def label(permission: Permission) -> str:
    """What the permission lets somebody do, with the room of the model."""
    verb = _VERBS.get(permission.codename.partition("_")[0])
    model = permission.content_type.model_class()
    if verb is None or model is None:
        return gettext(permission.name)
    room = model._meta.app_config.verbose_name if model._meta.app_config else permission.content_type.app_label
    return f"{room}: {str(verb) % czech_cases.whom(model._meta.verbose_name)}"
