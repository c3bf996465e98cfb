"""The three forms of the page: a text, a file, a number with a date of birth."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.hcert import evidence_number
from crs import typed
from crs.typed import NumberField
from crs.typed_moment import DayField

_UNHELPFUL = {"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off", "spellcheck": "false"}


class CodeField(typed.TypedField):
    """The text of a code as it was pasted: spaces in it are letters, so nothing but its two ends is touched."""

    longest = None

    def cleaned(self, text: str) -> str:
        """The text without the sign that PostgreSQL and forms refuse."""
        return text.replace("\0", "")


class TextForm(forms.Form):
    """The text of the code."""

    use_required_attribute = False

    text = CodeField(
        label=_("Text of the code"),
        help_text=_("It begins with HC1: and is several lines long. An app that reads codes shows it."),
        error_messages={"required": _("Please paste the text of the code. It begins with HC1:.")},
        widget=forms.Textarea({"rows": 4, **_UNHELPFUL}),
    )


class FileForm(forms.Form):
    """A photograph or a PDF."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("Photograph or PDF"),
        help_text=_(
            "A photograph of the paper, a picture from the telephone, or the PDF from the e-mail. 12 MB at most."
        ),
        error_messages={
            "required": _("Please choose a photograph or a PDF with the certificate."),
            "empty": _("The file is empty. Please choose another one."),
            "max_length": _("The name of the file is too long. Please give it a shorter one."),
        },
        widget=forms.FileInput({"accept": "image/*,application/pdf,.pdf"}),
    )
    password = typed.PlainField(
        label=_("Password of the PDF"),
        help_text=_(
            "Only for a PDF that opens with a password, as the one from our e-mail: it came by SMS or on paper."
        ),
        required=False,
        max_length=200,
        widget=forms.TextInput(_UNHELPFUL),
    )


class EvidenceForm(forms.Form):
    """An evidence number and a date of birth."""

    use_required_attribute = False

    number = NumberField(
        label=_("Evidence number"),
        help_text=_("13 digits under the barcode."),
        digits=evidence_number.LENGTH,
        error_messages={
            "required": _("Please write the evidence number, the 13 digits under the barcode."),
            "invalid": _("The evidence number has 13 digits and begins with 2. Please check it."),
        },
    )
    birth_date = DayField(
        label=_("Date of birth"),
        help_text=_("For example 31. 1. 1950."),
        needs_year=True,
        error_messages={
            "required": _("Please write the date of birth."),
            "invalid": _(
                "Write the date of birth as 31. 1. 1950, with all four digits of the year. Check that there is "
                "such a day."
            ),
        },
    )

    def clean_birth_date(self) -> date:
        """A day that has come."""
        birth_date: date = self.cleaned_data["birth_date"]
        if birth_date > timezone.localdate():
            raise forms.ValidationError(_("The date of birth is a day that has not come yet. Please check it."))
        return birth_date

    def clean_number(self) -> str:
        """A number whose check digit is right: one digit written wrongly is found before anybody is asked."""
        number: str = self.cleaned_data["number"]
        if not evidence_number.is_right(number):
            raise forms.ValidationError(_("A digit of the number is not right. Please compare all 13 with the paper."))
        return number
