"""Lists of the admin in the order of the Czech alphabet."""

from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest


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
