"""The staff's screens: registrations, and claims to them; those of other subjects stand in their folders.

Persons and registrations are read here, not edited: every change goes through an operation.
"""

from collections.abc import Iterable
from contextlib import suppress
from functools import reduce
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs import typed
from crs.admin.search import PrivateSearchAdmin
from crs.states import state_name
from registration import number, progress
from registration.groups import admin as groups
from registration.models import Person, Registration, RegistrationClaim
from registration.people import finding, identity_document, naming, persons
from registration.people.insured_number import masked
from registration.people.looks import looked_at_all
from registration.people.statements import Statements
from registration.telephones import phone
from registration.telephones.errors import InvalidPhone

__all__ = ["groups"]


class PersonalSearchAdmin(PrivateSearchAdmin):
    """Searches by registration number, telephone, insured person's number, number of a document or name.

    Each look at a person, on a page about one row, in its history or in a list, is written down before it is shown.
    """

    search_help_text = _("Registration number, telephone, insured person's number, number of a document or name.")
    # Paths from the model to what is searched; a person has neither number nor telephone, their registrations have.
    number_path = ""
    phone_path = ""
    person_path = ""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """The page of one row; Django asks for it once it knows that the user may see the row."""
        if obj is not None:
            self._write_looks(request, [obj])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; people whose names stand on this page of it are looked at."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and (shown := (response.context_data or {}).get("cl")):
            self._write_looks(request, shown.result_list)
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What staff did with the row; its title names the person."""
        response = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and (shown := (response.context_data or {}).get("object")):
            self._write_looks(request, [shown])
        return response

    def _write_looks(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        page = request.resolver_match.view_name if request.resolver_match else ""
        way = [name for name in self.person_path.split("__") if name]
        people = [reduce(getattr, way, row) for row in rows]
        looked_at_all(people, user=cast("User", request.user), page=page, now=timezone.now())

    def search_question(self, text: str) -> Q:
        """The question that `text` asks: a number, a telephone, or all words of a name."""
        people = f"{self.person_path}in" if self.person_path else "pk__in"
        if not finding.has_digits(text):
            return Q(**{people: naming.named(text)})
        # Keys, not joins: every condition stands on one table then, and each has its index.
        keys = finding.by_number(text, now=timezone.now())
        if not self.number_path:
            keys += finding.by_registration_number(text)
        question = Q(**{people: keys})
        if self.number_path and number.is_valid(digits := typed.number(text)):
            question |= Q(**{self.number_path: digits})
        if self.phone_path:
            with suppress(InvalidPhone):
                question |= Q(**{self.phone_path: phone.parse(text)})
        return question


@admin.register(Person)
class PersonAdmin(PersonalSearchAdmin):
    """Persons, with the numbers masked."""

    list_display = ("last_name", "first_name", "birth_date", "masked_number", "masked_document", "city")
    fields = (
        "first_name",
        "last_name",
        "latin_first_name",
        "latin_last_name",
        "masked_number",
        "masked_document",
        "birth_date",
        "shown_sex",
        "insurer",
        "street",
        "city",
        "postcode",
        "country",
        "died_on",
        "merged_into",
    )

    @admin.display(description=_("insured person's number"))
    def masked_number(self, person: Person) -> str:
        """The first six digits only."""
        return masked(person.insured_number)

    @admin.display(description=_("document"))
    def masked_document(self, person: Person) -> str:
        """Type, state, and the last three signs of the number."""
        if not person.document_number:
            return ""
        country = state_name(person.document_country)
        return f"{person.get_document_type_display()}, {country}, {identity_document.masked(person.document_number)}"

    @admin.display(description=_("sex"))
    def shown_sex(self, person: Person) -> str:
        """As the row or the insured person's number says it."""
        sex = persons.sex_of(person)
        return str(Person.Sex(sex).label) if sex else ""


@admin.register(Registration)
class RegistrationAdmin(PersonalSearchAdmin):
    """Registrations."""

    list_display = ("number", "person", "phone", "shown_progress", "created_at")
    list_filter = ("state", "way")
    list_select_related = ("person",)
    date_hierarchy = "created_at"
    number_path, phone_path, person_path = "number", "phone", "person__"
    fields = (
        "number",
        "person",
        "phone",
        "email",
        "language",
        "preferred_sites",
        "state",
        "doses_received",
        "registered_at_site",
        "consented_at",
        "created_at",
    )

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list with how far each of its registrations has come."""
        changelist = super().get_changelist_instance(request)
        words = progress.words_of(list(changelist.result_list), now=timezone.now())
        for one in changelist.result_list:
            one.progress = words[one.pk]
        return changelist

    @admin.display(description=_("state"), ordering="state")
    def shown_progress(self, registration: Registration) -> str:
        """In the words that the person reads."""
        return str(registration.progress)  # type: ignore[attr-defined]


@admin.register(RegistrationClaim)
class RegistrationClaimAdmin(PersonalSearchAdmin):
    """Attempts to register a registered person from another telephone; what was typed is not in the list."""

    list_display = ("number", "person", "phone", "created_at", "resolved_at")
    list_filter = (("resolved_at", admin.EmptyFieldListFilter),)
    list_select_related = ("person",)
    number_path, phone_path, person_path = "number", "phone", "person__"
    fields = ("number", "person", "phone", "created_at", "resolved_at", "what_was_typed")

    @admin.display(description=_("what was typed"))
    def what_was_typed(self, claim: RegistrationClaim) -> str:
        """One line, for comparing with the person on the telephone."""
        said = Statements.of(claim)
        spelled = ("latin_first_name", "latin_last_name")
        names = ("first_name", "last_name", *spelled, "insurer", "street", "city", "postcode", "country", "email")
        return ", ".join(str(value) for name in names if (value := getattr(said, name)))
