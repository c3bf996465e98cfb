"""The ministry's screen of the time of observation for all sites."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from logistics.staff.admin_screens import StaffAdmin
from logistics.staff.permissions import Act
from vaccination.models import ObservationTime
from vaccination.observation import errors
from vaccination.observation.observation_times import LONGEST, SHORTEST


class GeneralTimeForm(forms.ModelForm[ObservationTime]):
    """A time for all sites, which begins today or later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "minutes" in self.fields:
            self.fields["minutes"].validators += [
                limit(bound, errors.WrongObservationTime.message)
                for limit, bound in ((MinValueValidator, SHORTEST), (MaxValueValidator, LONGEST))
            ]

    def clean_valid_from(self) -> date:
        day: date = self.cleaned_data["valid_from"]
        if day < timezone.localdate():
            raise ValidationError(errors.PastDay.message)
        if ObservationTime.objects.filter(site=None, valid_from=day).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is a time from this day on already. Change that one."))
        return day


@admin.register(ObservationTime)
class ObservationTimeAdmin(StaffAdmin):
    """Times for all sites; one that has begun is only shown. Sites set longer ones on a page of their own."""

    see = Act.EDIT_PRODUCTS
    add = change = delete = Act.EDIT_PRODUCTS
    form = GeneralTimeForm
    fields = ("valid_from", "minutes")
    list_display = ("valid_from", "minutes")
    ordering = ("-valid_from",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ObservationTime]:
        return super().get_queryset(request).filter(site=None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _has_begun(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _has_begun(obj)


def _has_begun(row: Model | None) -> bool:
    return isinstance(row, ObservationTime) and row.valid_from < timezone.localdate()
