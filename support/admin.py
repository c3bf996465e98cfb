"""The lead's screens of what the desks work by: categories, and the hours and targets of the levels."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from logistics.staff.admin_screens import StaffAdmin
from support.models import Category, LevelRule
from support.tickets import clocks


@admin.register(Category)
class CategoryAdmin(StaffAdmin):
    """What tickets are about; one that is not offered any more stays with its tickets."""

    see, add, change = "support.view_category", "support.add_category", "support.change_category"
    list_display = ("name_cs", "name_en", "code", "keeps_days", "position", "is_active")
    list_filter = ("is_active",)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


@admin.register(LevelRule)
class LevelRuleAdmin(StaffAdmin):
    """A change holds for the open tickets too, from now on."""

    see, change = "support.view_levelrule", "support.change_levelrule"
    list_display = (
        *("level", "opens_at", "closes_at", "works_on_weekends", "works_on_holidays"),
        *("answer_minutes", "stay_minutes"),
    )
    readonly_fields = ("level",)

    def save_model(self, request: HttpRequest, obj: LevelRule, form: Any, change: bool) -> None:
        clocks.change_rule(rule=obj, now=timezone.now())
