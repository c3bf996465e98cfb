"""The form in which a coordinator says whose appointments are to move. It checks shape and what belongs together."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.sometimes_needed import sometimes_needed
from crs.typed import PlainField
from crs.typed_moment import DayField
from logistics.models import Region, VaccinationSite, Vaccine
from logistics.staff import permissions
from reservation.models import AffectedAppointment, Closure, Replan
from reservation.permissions import ReservationAct
from reservation.replanning.planning import ReplanDraft

# More days at once are a slip of the finger.
MOST_DAYS = 62


class ClosureField(forms.ModelChoiceField[Closure]):
    """A closure by its site, its first day and its reason."""

    def label_from_instance(self, obj: Closure) -> str:
        """As a list shows it."""
        return f"{obj.site.name}, {timezone.localtime(obj.starts_at):%-d. %-m. %Y}: {obj.reason}"


class ReplanForm(forms.Form):
    """Whose appointments move, and why."""

    scope = forms.ChoiceField(
        label=_("What moves"),
        choices=Replan.Scope,
        widget=forms.RadioSelect,
        initial=Replan.Scope.AFFECTED,
        error_messages={"required": _("Choose what moves.")},
    )
    site = sometimes_needed(
        forms.ModelChoiceField(
            label=_("Vaccination site"),
            queryset=VaccinationSite.objects.none(),
            required=False,
            empty_label=pgettext_lazy("sites", "all"),
            help_text=_("Where all appointments of some days move, choose their site."),
            error_messages={"required": _("Choose a vaccination site.")},
        )
    )
    region = forms.ModelChoiceField(
        label=_("Region"),
        queryset=Region.objects.none(),
        required=False,
        empty_label=pgettext_lazy("regions", "all"),
        help_text=_("Only where no site is chosen."),
    )
    vaccine = forms.ModelChoiceField(
        label=_("Vaccine"),
        queryset=Vaccine.objects.order_by("name__czech"),
        required=False,
        empty_label=pgettext_lazy("vaccines", "all"),
    )
    cause = forms.ChoiceField(
        label=_("Only for this cause"),
        choices=[("", pgettext_lazy("causes", "all")), *AffectedAppointment.Cause.choices],
        required=False,
        help_text=_("For appointments that cannot stay."),
    )
    closure = ClosureField(
        label=_("Only of this closure"),
        queryset=Closure.objects.none(),
        required=False,
        empty_label=pgettext_lazy("closures", "all"),
        help_text=_("For appointments that cannot stay."),
    )
    first_day = sometimes_needed(
        DayField(
            label=_("Days from"),
            needs_year=True,
            required=False,
            help_text=_(
                "Only where all appointments of some days move. Such as 3. 5. 2027. "
                "These days are closed when you publish."
            ),
        )
    )
    last_day = DayField(label=_("Days until"), needs_year=True, required=False, help_text=_("Empty: the same day."))
    not_before = DayField(
        label=_("New times not before"),
        needs_year=True,
        required=False,
        help_text=_("Such as the day of the delivery. Empty: from the day after tomorrow."),
    )
    reason = PlainField(
        label=_("Reason for people"),
        max_length=200,
        help_text=_("People read it in the message about their new time, such as: The vaccine comes late."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Write why: people read it.")},
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        fields: Any = self.fields
        sites = permissions.sites_where(user, ReservationAct.REPLAN)
        fields["site"].queryset = sites.order_by("name__czech")
        regions = permissions.regions_where(user, ReservationAct.REPLAN).order_by("name__czech")
        fields["region"].queryset = regions
        if len(regions) == 1:
            fields["region"].initial = regions[0]
        if not regions:  # the manager of a site plans for that site alone
            del fields["region"]
            fields["site"].required, fields["site"].help_text = True, ""
            fields["site"].empty_label = None if len(sites) == 1 else _("choose a site")
        open_closures = AffectedAppointment.objects.unsettled().filter(closure__site__in=sites).values("closure")
        standing = Closure.objects.standing().filter(pk__in=open_closures)
        fields["closure"].queryset = standing.select_related("site").order_by("site__name__czech", "starts_at")

    def clean(self) -> dict[str, Any]:
        """What belongs together: days need a site, and only the ministry plans for all regions."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        # Whatever else is wrong, all of it is said at once.
        if typed.get("scope") == Replan.Scope.DAYS:
            typed |= {"cause": "", "closure": None}
            self._check_days(typed)
        elif "scope" in typed:
            typed |= {"first_day": None, "last_day": None}
            if typed.get("closure"):
                typed["site"] = typed["closure"].site
        if "site" in self.errors:
            return typed
        if typed["site"]:
            typed["region"] = None
        elif not typed.get("region") and not permissions.may_everywhere(self.user, ReservationAct.REPLAN):
            self.add_error("site", _("Choose a vaccination site or a region."))
        return typed

    def draft(self) -> ReplanDraft:
        """What was typed."""
        return ReplanDraft(**self.cleaned_data | {"scope": Replan.Scope(self.cleaned_data["scope"])})

    def _check_days(self, typed: dict[str, Any]) -> None:
        if "site" not in self.errors and not typed["site"]:
            self.add_error("site", _("Choose the vaccination site whose days move."))
        first: date | None = typed.get("first_day")
        if first is None and "first_day" not in self.errors:
            self.add_error("first_day", _("Write the first day that moves."))
        if first is None or "last_day" in self.errors:
            return
        last = typed["last_day"] = typed["last_day"] or first
        if first <= timezone.localdate():
            self.add_error("first_day", _("Only days to come can move. Write a day from tomorrow on."))
        elif last < first:
            self.add_error("last_day", _("The last day lies before the first one."))
        elif last - first > timedelta(days=MOST_DAYS):
            self.add_error("last_day", _("These are too many days at once. Check the years, or move them in parts."))
