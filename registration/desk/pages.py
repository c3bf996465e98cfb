"""The frame of the desk's pages: where one can go from there, and looks written before a person is shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from logistics.staff import permissions
from registration.desk import record
from registration.models import LineRequest, Person, Registration
from registration.people.looks import looked, looked_at_all


def show(request: StaffRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the desk; `acts` in its context are those of the user."""
    frame = {"acts": permissions.acts_of(request.user)}
    return render(request, f"registration/desk/{template}", {**frame, **context}, status=status)


def seen(request: StaffRequest, registration_id: int) -> tuple[Registration, datetime]:
    """The registration, whose person the user is about to see: the look is written first. Raises Http404."""
    rows = Registration.objects.select_related("person__merged_into", "registered_at_site", "home_district")
    registration = get_object_or_404(rows, pk=registration_id)
    now = timezone.now()
    looked(person=registration.person, user=request.user, page=page_name(request), now=now)
    return registration, now


def all_seen(request: StaffRequest, seen: Sequence[Person | LineRequest], now: datetime) -> None:
    """Write the looks at all people of a list, or requests, that the user is about to see."""
    looked_at_all(seen, user=request.user, page=page_name(request), now=now)


def show_act(
    request: StaffRequest, template: str, form: Form, registration: Registration, now: datetime, **more: Any
) -> HttpResponse:
    """A form about a registration, with the person whom it is about."""
    who = record.who(registration.person, now=now)
    return show(request, template, {"form": form, "registration": registration, "who": who, **more})


def posted(request: StaffRequest) -> QueryDict | None:
    """The form that was sent to the page; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def refused(form: Form, refusal: DomainError) -> None:
    """Say in the form why the operation did not do it."""
    form.add_error(None, str(refusal))


def page_name(request: StaffRequest) -> str:
    """The name of the address, as the log of looks has it."""
    return request.resolver_match.view_name if request.resolver_match else ""
