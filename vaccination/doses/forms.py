"""Forms about doses. They check shape; the operations say whether a dose may be recorded or corrected."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crs.typed import PlainField, number
from crs.typed_moment import MomentField, TimeField, moment_of
from crs.typed_numbers import IntegerField, WholeNumberField
from logistics.models import Batch, VaccinationSite
from logistics.models.vaccines import BATCH_NUMBER
from logistics.vaccines.batches import as_kept
from vaccination.doses.corrections import Correction
from vaccination.doses.guards import Finding, Weight
from vaccination.models import Dose, HealthWorker, VialSession
from vaccination.vials import sessions

Value = TypeVar("Value")

LONGEST_REASON = 300
_REASON = "reason-"
# A reason that was written for a rule which the form does not break any more; it waits in case the rule comes back.
_KEPT = "kept-"
_MOST_REASONS = 20
_RULE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_OF_VIAL = ("station", "item__batch__vaccine")


def reason_field(label: Any, *, required: str | Any = "", **options: Any) -> PlainField:
    """A field for a reason that stays with the record; `required` is what is said where it is empty."""
    return PlainField(
        label=label,
        max_length=LONGEST_REASON,
        required=bool(required),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": required} if required else None,
        **options,
    )


class WritingHandField(forms.TypedChoiceField):
    """Whether the dose went into the arm with which the person writes. It is told for each person anew."""

    def __init__(self, *, can_be_unknown: bool = True) -> None:
        unknown = [("", _("not asked"))] if can_be_unknown else []
        super().__init__(
            label=_("Is it the hand with which the person writes?"),
            choices=[*unknown, ("yes", _("yes")), ("no", _("no"))],
            coerce=lambda said: said == "yes",
            empty_value=None,
            required=False,
        )

    def prepare_value(self, value: Any) -> Any:
        """The choice of a value."""
        return {True: "yes", False: "no", None: ""}.get(value, value)


class WorkerField(forms.ModelChoiceField[HealthWorker]):
    """A choice of one of the site's health workers; those who work elsewhere or no more cannot be chosen."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("queryset", HealthWorker.objects.none())
        super().__init__(empty_label=_("choose …"), **options)
        self.offered: Mapping[str, HealthWorker] | None = None

    def to_python(self, value: Any) -> HealthWorker | None:
        """The health worker of the key, out of those that were offered, without asking the database again."""
        if self.offered is None or value in self.empty_values:
            return super().to_python(value)
        if (found := self.offered.get(str(value))) is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value})
        return found


class VialField(forms.ModelChoiceField[VialSession]):
    """A choice of one of the vials of a day, told apart by station, batch and time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(VialSession.objects.none(), empty_label=_("choose …"), **options)

    def label_from_instance(self, obj: Any) -> str:
        """The vial in words."""
        opened = date_format(timezone.localtime(obj.opened_at), "G:i")
        words = {"time": opened, "batch": obj.item.batch, "station": obj.station.name}
        return _("%(time)s %(batch)s, station %(station)s") % words


class DoseForm(forms.Form):
    """A dose that is given now from the vial that the page shows. Reasons are asked for only where rules want them."""

    vial = forms.UUIDField(widget=forms.HiddenInput, required=False)
    number = IntegerField(min_value=1, max_value=9, widget=forms.HiddenInput)
    where = forms.ChoiceField(
        label=pgettext_lazy("dose", "Where"),
        choices=Dose.Where,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose where the dose was given.")},
    )
    is_dominant_side = WritingHandField()
    doctor = WorkerField(
        label=_("Doctor who answers for it"), error_messages={"required": _("Choose the doctor who is here today.")}
    )
    given_by = WorkerField(label=_("Given by"), error_messages={"required": _("Choose who gave the dose.")})
    given_at = MomentField(
        label=_("When it was given"), required=False, help_text=_("Leave empty for now. Fill it in after an outage.")
    )
    other_vial = VialField(
        label=_("From another vial of that day"), required=False, help_text=_("Leave empty for the vial above.")
    )

    def __init__(
        self,
        *args: Any,
        workers: Sequence[HealthWorker],
        site: VaccinationSite,
        day: date,
        is_late: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        offer_workers(self, workers)
        self._site, self._day = site, day
        # A form that names the vial of the page reads that one alone.
        if self.data.get("other_vial") or not self.is_bound:
            self.offer_vials()
        if is_late:
            self._ask_when_and_from_which_vial()
        typed = [name.removeprefix(_REASON) for name in self.data if name.startswith(_REASON)]
        self._add_reasons(rule for rule in typed[:_MOST_REASONS] if _RULE.fullmatch(rule))

    def offer_vials(self) -> None:
        """Offer all vials of the day. They are read where they are shown, or where one of them was chosen."""
        field: Any = self.fields["other_vial"]
        field.queryset = sessions.rows_of_day(self._site, self._day)

    def clean(self) -> dict[str, Any]:
        """Require a vial."""
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self._vial() is None:
            raise ValidationError(_("There is no open vial at your station. Open one, then record the dose."))
        return typed

    @property
    def is_complete(self) -> bool:
        """Whether the form was sent with all that makes a dose, also where a rule stood in the way."""
        typed = getattr(self, "cleaned_data", {})
        return {"number", "where", "is_dominant_side", "doctor", "given_by", "given_at"} <= typed.keys()

    def values(self, *, now: datetime) -> dict[str, Any]:
        """The arguments for `DoseEntry`, of a valid form."""
        typed = self.cleaned_data
        return {
            "vial": self._vial(),
            "given_at": typed["given_at"] or now,
            "overrides": {
                name.removeprefix(_REASON): value for name, value in typed.items() if name.startswith(_REASON) and value
            },
            **{name: typed[name] for name in ("number", "where", "is_dominant_side", "doctor", "given_by")},
        }

    def ask_reasons(self, findings: Iterable[Finding]) -> None:
        """Add a field for each finding that a doctor may override; where the form was sent, it must be filled in."""
        rules = [one.rule for one in findings if one.weight == Weight.OVERRIDABLE]
        self._add_reasons(rules)
        if back := [rule for rule in rules if _REASON + rule not in self.data and _KEPT + rule in self.data]:
            # It is shown again and not taken at once: the doctor may decide otherwise about the new time.
            self.data = {**dict(self.data.items()), **{_REASON + rule: self.data[_KEPT + rule] for rule in back}}
        for rule in rules:
            self.fields[_REASON + rule].required = True
            if self.is_bound and not self.data.get(_REASON + rule, "").strip():
                self.add_error(_REASON + rule, _("Write the reason of the doctor, or do not give the dose."))

    def reason_of(self, rule: str) -> BoundField | None:
        """The field for the reason to override a rule."""
        return self[_REASON + rule] if _REASON + rule in self.fields else None

    def kept_reasons(self, asked: Collection[str]) -> dict[str, str]:
        """The reasons written before for rules that are not `asked` about now, by the names of their hidden fields."""
        typed = {
            name.removeprefix(start): value
            for start in (_KEPT, _REASON)
            for name, value in self.data.items()
            if name.startswith(start) and _RULE.fullmatch(name.removeprefix(start)) and value.strip()
        }
        kept = [rule for rule in typed if rule not in asked][:_MOST_REASONS]
        return {_KEPT + rule: typed[rule][:LONGEST_REASON] for rule in kept}

    def _ask_when_and_from_which_vial(self) -> None:
        """Of somebody who came on an earlier day neither now nor the vial at the station says anything."""
        given_at, vial = self.fields["given_at"], self.fields["other_vial"]
        given_at.required = vial.required = True
        given_at.help_text = _("The day on which the person came, and the time of the dose.")
        vial.label, vial.help_text = _("Vial"), ""
        vial.error_messages["required"] = _(
            "Choose the vial. If it is not there, open it first and write when it was opened."
        )

    def _add_reasons(self, rules: Iterable[str]) -> None:
        for rule in rules:
            self.fields.setdefault(_REASON + rule, reason_field(_("Reason of the doctor")))

    def _vial(self) -> VialSession | None:
        return self.cleaned_data.get("other_vial") or self._shown_vial

    @cached_property
    def _shown_vial(self) -> VialSession | None:
        """The vial that the page showed. `record` reads the rest of it under its locks."""
        key = self.cleaned_data.get("vial")
        return sessions.one_of_day(self._site, self._day, key) if key else None


class NextTimeForm(forms.Form):
    """The time that was chosen for the next dose."""

    slot = IntegerField(
        min_value=1, max_value=2**62, error_messages={"required": _("Choose a time."), "invalid": _("Choose a time.")}
    )


class CorrectionForm(forms.Form):
    """A record as it stands, to be changed, and the reason."""

    given_at = MomentField(label=_("When it was given"))
    batch = PlainField(
        label=_("Batch number"),
        max_length=30,
        help_text=_("As on the vial. The stock follows: the dose is put back and taken from the other batch."),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Write the batch number.")},
    )
    where = forms.ChoiceField(label=pgettext_lazy("dose", "Where"), choices=Dose.Where, widget=forms.RadioSelect)
    is_dominant_side = WritingHandField()
    doctor = WorkerField(label=_("Doctor who answers for it"), error_messages={"required": _("Choose the doctor.")})
    given_by = WorkerField(label=_("Given by"), error_messages={"required": _("Choose who gave the dose.")})
    number = WholeNumberField(
        lowest=1,
        highest=9,
        label=_("Dose number"),
        error_messages={"required": _("Write the number of the dose.")},
    )
    reason = reason_field(
        _("Reason of the correction"),
        required=_("Write the reason: it stays with the record."),
        help_text=_("Such as: the batch was read wrong from the vial."),
    )

    def __init__(self, *args: Any, dose: Dose, workers: Sequence[HealthWorker], **kwargs: Any) -> None:
        self._dose = dose
        kept = {one.pk: one for one in (*workers, dose.given_by, dose.doctor) if one is not None}
        kwargs.setdefault("initial", _as_it_stands(dose))
        super().__init__(*args, **kwargs)
        # What was told is corrected by what is right, not by silence.
        self.fields["is_dominant_side"] = WritingHandField(can_be_unknown=dose.is_dominant_side is None)
        offer_workers(self, list(kept.values()))

    def clean_batch(self) -> Batch:
        """The batch of that number; of the dose's vaccine where several vaccines have one."""
        typed = as_kept(self.cleaned_data["batch"])
        found = list(Batch.objects.filter(number=typed)) if BATCH_NUMBER.fullmatch(typed) else []
        same = [batch for batch in found if batch.vaccine_id == self._dose.vaccine_id]
        if len(same or found) != 1:
            raise ValidationError(_("We do not know this batch. Compare the number with the vial."))
        return (same or found)[0]

    def change(self) -> Correction:
        """The differences from the record; a time that stands as it was shown keeps its seconds."""
        dose, typed = self._dose, self.cleaned_data
        return Correction(
            number=_other(typed["number"], dose.number),
            batch=_other(typed["batch"], dose.batch),
            given_at=None if _minute(typed["given_at"]) == _minute(dose.given_at) else typed["given_at"],
            where=_other(typed["where"], dose.where),
            is_dominant_side=_other(typed["is_dominant_side"], dose.is_dominant_side),
            given_by=_other(typed["given_by"], dose.given_by),
            doctor=_other(typed["doctor"], dose.doctor),
        )


class AnnulForm(forms.Form):
    """Why a record is taken back."""

    error = forms.ChoiceField(
        label=_("What is wrong with it"),
        choices=Dose.Error,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong with the record.")},
    )
    reason = reason_field(
        _("How it happened"),
        required=_("Write how it happened: it stays with the record."),
        help_text=_("Such as: the row above was opened by mistake."),
    )


class LateListForm(forms.Form):
    """The fields that all lines of a late entry share."""

    doctor = WorkerField(
        label=_("Doctor who answers for it"),
        error_messages={"required": _("Choose the doctor who was there on that day.")},
    )
    given_by = WorkerField(label=_("Given by"), error_messages={"required": _("Choose who gave the doses.")})

    def __init__(self, *args: Any, workers: Sequence[HealthWorker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_workers(self, workers)


class LateLineForm(forms.Form):
    """A line of the printed list as it was ticked by hand; a line without a row number is empty."""

    # The page shows more lines than anybody fills in.
    use_required_attribute = False
    row = forms.CharField(
        label=_("Row"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": "4"}),
    )
    time = TimeField(
        label=_("Time"),
        error_messages=dict.fromkeys(("required", "invalid"), _("Write the time of the dose such as 9:05.")),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": "6"}),
    )
    vial = VialField(label=_("Vial"), required=False)
    where = forms.ChoiceField(label=pgettext_lazy("dose", "Where"), choices=Dose.Where, required=False)
    all_no = forms.BooleanField(label=_("Answers on paper: all no"), required=False)
    person = IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, day: date, vials: Sequence[VialSession], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._day = day
        offer_vials(self, "vial", vials)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    @property
    def is_empty(self) -> bool:
        """Whether nobody wrote a row number or a time into it."""
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in ("row", "time"))

    def clean_row(self) -> str:
        """The number of the row, else the longer one by which somebody is found who is not on the list."""
        digits = number(self.cleaned_data["row"])
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
            raise ValidationError(_("Write the number that stands before the name on the printed list."))
        return digits

    def clean_time(self) -> datetime:
        """The moment of the dose."""
        try:
            return moment_of(self._day, self.cleaned_data["time"])
        except ValueError as error:  # the hour that summer time leaves out
            raise ValidationError(self.fields["time"].error_messages["invalid"]) from error

    def clean_vial(self) -> VialSession:
        """The vial from which the dose was drawn."""
        vial: VialSession | None = self.cleaned_data["vial"]
        if vial is None:
            raise ValidationError(_("Choose the vial. If it is not there, open it first and write when it was opened."))
        return vial

    def clean_where(self) -> str:
        """The place of the dose on the body; the left arm where nobody said otherwise."""
        return self.cleaned_data["where"] or Dose.Where.LEFT_ARM


def offer_workers(form: forms.Form, workers: Sequence[HealthWorker]) -> None:
    """Offer `workers` in the fields of the form for who gave the dose and which doctor answers for it."""
    for name, offered in (("given_by", workers), ("doctor", [one for one in workers if one.is_doctor])):
        field: Any = form.fields[name]
        field.offered = {str(one.pk): one for one in offered}
        field.choices = [("", field.empty_label), *((one.pk, one.name) for one in offered)]


def offer_vials(form: forms.Form, name: str, vials: Sequence[VialSession]) -> None:
    """Offer `vials` in a field of the form."""
    field: Any = form.fields[name]
    field.queryset = VialSession.objects.filter(pk__in=[vial.pk for vial in vials]).select_related(*_OF_VIAL)
    field.choices = [("", field.empty_label), *((vial.pk, field.label_from_instance(vial)) for vial in vials)]


def _as_it_stands(dose: Dose) -> dict[str, Any]:
    return {
        "given_at": dose.given_at,
        "batch": dose.batch.number if dose.batch else "",
        "where": dose.where,
        "is_dominant_side": dose.is_dominant_side,
        "doctor": dose.doctor_id,
        "given_by": dose.given_by_id,
        "number": dose.number,
    }


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _other(typed: Value, standing: Value | None) -> Value | None:
    return None if typed == standing else typed
