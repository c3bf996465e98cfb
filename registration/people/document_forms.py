"""Fields of people who are found by their identity document, at the portal and at the desks of staff."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.state_select import StateSelect
from crs.states import OfferedStates
from crs.typed_moment import DayField
from registration.models import Person
from registration.people import identity_document
from registration.people.errors import InvalidDocument
from registration.people.forms import plain_input
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import HIGHEST_AGE

LONGEST = 60
DOCUMENT = ("document_type", "document_country", "document_number")


class DocumentFields(forms.Form):
    """Type, state and number of an identity document."""

    document_type = forms.ChoiceField(
        label=_("Document"),
        choices=[("", _("Choose the document")), *Person.DocumentType.choices],
        error_messages={"required": _("Please choose the document.")},
    )
    document_country = forms.ChoiceField(
        label=_("Issued by"),
        choices=OfferedStates(empty=_("Choose the state")),
        widget=StateSelect,
        error_messages={"required": _("Please choose the state that issued the document.")},
    )
    document_number = typed.PlainField(
        label=_("Number of the document"),
        max_length=LONGEST,
        widget=plain_input(),
        help_text=_("Letters and digits, as they stand in the document."),
        error_messages={"required": _("Please fill in the number of the document.")},
    )

    def clean_document_number(self) -> str:
        """The number as it is kept."""
        text = self.cleaned_data["document_number"]
        try:
            return identity_document.clean_number(text)
        except InvalidDocument as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def document(self) -> IdentityDocument:
        """The document, from a form that is valid."""
        return IdentityDocument(*(self.cleaned_data[name] for name in DOCUMENT))


class DocumentHolderFields(DocumentFields):
    """The document with what it says about its holder: the date of birth and the sex."""

    # The day on which the form is filled in; forms that ask set it (`PersonChecks`).
    today: date
    birth = DayField(
        label=_("Date of birth"),
        needs_year=True,
        help_text=_("Day, month and year, for example 24. 8. 1991."),
        error_messages={
            "required": _("Please fill in the date of birth."),
            "invalid": _("This is not a date. Please write it like this: 24. 8. 1991."),
        },
    )
    sex = forms.ChoiceField(
        label=_("Sex"),
        choices=[("", _("Choose as the document says")), *Person.Sex.choices],
        error_messages={"required": _("Please choose the sex as the document says it.")},
    )

    def clean_birth(self) -> date:
        """A day on which somebody who lives can have been born."""
        born: date = self.cleaned_data["birth"]
        if born > self.today:
            raise forms.ValidationError(_("This date of birth lies in the future. Please check the year."))
        if self.today.year - born.year >= HIGHEST_AGE:
            raise forms.ValidationError(_("By this date the person would be over 130. Please check the year."))
        return born
