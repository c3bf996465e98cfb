"""Priority groups and their rules as rows; they are changed on the ministry's pages."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from logistics.staff.admin_screens import StaffAdmin, StaffInline
from registration.models import GroupRule, PriorityGroup
from registration.permissions import RegistrationAct


class RuleInline(StaffInline):
    """The rules of a group, the latest first."""

    model = GroupRule
    see = RegistrationAct.EDIT_GROUP_RULES
    fields = readonly_fields = (
        "valid_from",
        "score",
        "min_age",
        "max_age",
        "age_on",
        "proof",
        "registers_from",
        "invites_from",
        "made_by",
        "reason",
    )


@admin.register(PriorityGroup)
class PriorityGroupAdmin(StaffAdmin):
    """Groups; nothing is changed here."""

    see = RegistrationAct.EDIT_GROUP_RULES
    list_display = ("__str__", "code", "basis", "phase", "page")
    list_filter = ("basis", "phase")
    fields = readonly_fields = ("code", "basis", "phase", "names", "hints", "page")
    inlines = (RuleInline,)

    @admin.display(description=gettext_lazy("page"))
    def page(self, group: PriorityGroup) -> SafeString:
        """The link to the page where its rules are planned."""
        address = reverse("registration:group", args=[group.pk])
        return format_html('<a href="{}">{}</a>', address, _("rules and texts"))
