"""Fields of inlines have names: Django writes them at the top of the column alone, where no aid to reading looks."""

from typing import Any

from django.forms import BaseModelForm
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _


def named_fields(formset: type[Any]) -> type[Any]:
    """The class of formsets with a name at each field: its column and its row."""

    class Named(formset):  # type: ignore[misc]
        def add_fields(self, form: BaseModelForm[Any], index: int | None) -> None:
            super().add_fields(form, index)
            row = _("new row") if index is None else _("row %(number)d") % {"number": index + 1}
            for name, field in form.fields.items():
                label = _("Delete") if name == DELETION_FIELD_NAME else field.label or name
                field.widget.attrs.setdefault("aria-label", f"{label}, {row}")

    return Named
