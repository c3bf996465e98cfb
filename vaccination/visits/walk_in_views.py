"""The desk's pages for people without an appointment: look them up, register them, and on to the check-in."""

from collections.abc import Mapping
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crs import typed
from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site
from registration.applying import at_a_site
from registration.applying.errors import AlreadyRegistered, TwoPeopleFound
from registration.errors import RegistrationError
from registration.groups.errors import NoGroupOfThisAge, NotYetOpen, TooYoung
from registration.models import Registration
from registration.people.document_forms import DocumentFields
from vaccination.pages import acts, posted, show
from vaccination.permissions import VaccinationAct
from vaccination.visits import known_people, late_days
from vaccination.visits.errors import TooManyFound
from vaccination.visits.walk_in_forms import (
    FORMS,
    DocumentWalkInForm,
    FindForm,
    InsuredWalkInForm,
    WalkInForm,
)

REGISTER = "visits/walk_in_register.html"


@never_cache
@at_site(VaccinationAct.CHECK_IN)
@require_http_methods(["GET", "POST"])
def walk_in(request: SiteRequest) -> HttpResponse:
    """Look somebody up: they go on to the check-in, or are registered with what was typed here."""
    by_document = "document_number" in request.POST
    document_form = DocumentFields(request.POST if by_document else None)
    now = timezone.now()
    number_form = FindForm(None if by_document else _looked_for(request), today=timezone.localdate(now))
    form: FindForm | DocumentFields = document_form if by_document else number_form
    late_day = late_days.named(request.POST.get("den", ""))
    page = {"form": form, "number_form": number_form, "document_form": document_form, "late_day": late_day}
    if not form.is_valid():
        return show(request, "visits/walk_in.html", page)
    try:
        found = (
            at_a_site.find_by_document(document_form.document())
            if by_document
            else at_a_site.find(number_form.cleaned_data["number"], now=now)
        )
        if found is not None:
            return _go_on(request, found, now=now)
        # Whether a number is registered is told nobody without end.
        known_people.count_look_up(request, now=now)
    except TwoPeopleFound as refusal:
        form.add_error("number", str(refusal))
        return show(request, "visits/walk_in.html", page)
    except TooManyFound as refusal:
        form.add_error(None, str(refusal))
        return show(request, "visits/walk_in.html", page)
    if not by_document and not number_form.insured:
        form.add_error("number", _("No registration has this number. Please look by the insured person's number."))
    elif VaccinationAct.REGISTER_WALK_IN not in acts(request):
        text = _("This person is not registered yet. Please send them to a registrar or the manager of the site.")
        form.add_error(None, text)
    else:
        return _show_register(request, _prefilled(form, today=number_form.today), is_new=True)
    return show(request, "visits/walk_in.html", page)


@never_cache
@at_site(VaccinationAct.REGISTER_WALK_IN)
@require_http_methods(["GET", "POST"])
def register_walk_in(request: SiteRequest) -> HttpResponse:
    """Register somebody on the spot; a page that was opened anew begins with who it is."""
    kind = FORMS.get(request.POST.get("podle", ""))
    if kind is None:
        return redirect("vaccination:walk_in", request.site.pk)
    now = timezone.now()
    form = kind(request.POST, today=timezone.localdate(now))
    if not form.is_valid():
        return _show_register(request, form)
    try:
        made = at_a_site.register_at_site(
            details=form.details(),
            site=request.site,
            by=request.user,
            language=form.cleaned_data["language"],
            now=now,
            is_early="early" in request.POST,
            form=sending(request),
        )
    except AlreadyRegistered as refusal:
        messages.info(request, _("This person is registered already. Please go on with them here."))
        return _go_on(request, Registration.objects.get(pk=refusal.registration.pk), now=now)
    except NotYetOpen as refusal:
        # Nobody has made a mistake, and no machine sends anybody away: the desk decides.
        return _show_register(request, form, too_early=refusal)
    except (TooYoung, NoGroupOfThisAge) as refusal:
        form.add_error("insured_number" if "insured_number" in form.fields else "birth", str(refusal))
        return _show_register(request, form)
    except (RegistrationError, FormChanged) as refusal:
        form.add_error(None, str(refusal))
        return _show_register(request, form)
    messages.success(request, _("Registered. Now check the person in."))
    known_people.let_open(request, made)
    return _go_on(request, made, now=now)


def _looked_for(request: SiteRequest) -> Mapping[str, str] | None:
    """The fields typed here, or the number that the search of the day did not find; None for a page to fill in."""
    if "hledat" not in request.POST:
        return posted(request)
    digits = typed.number(request.POST["hledat"])
    return {"number": digits} if digits.isdecimal() else None


def _go_on(request: SiteRequest, registration: Registration, *, now: datetime) -> HttpResponse:
    """To the check-in of today (or of the day that is entered late), or to what stands in its way."""
    known_people.remember(request, registration, now=now)
    late_day = late_days.named(request.POST.get("den", ""))
    return redirect(late_days.url("check_in_today", request.site, registration, late_day))


def _prefilled(found: FindForm | DocumentFields, *, today: date) -> WalkInForm:
    """The form of registering with what was typed to look the person up."""
    if isinstance(found, FindForm):
        return InsuredWalkInForm(initial={"insured_number": found.insured, "language": "cs"}, today=today)
    return DocumentWalkInForm(initial={**found.cleaned_data, "language": "en"}, today=today)


def _show_register(
    request: SiteRequest, form: WalkInForm, *, is_new: bool = False, too_early: NotYetOpen | None = None
) -> HttpResponse:
    kind = next(name for name, one in FORMS.items() if isinstance(form, one))
    form.fields[form.begins_with].widget.attrs["autofocus"] = is_new
    late_day = late_days.named(request.POST.get("den", ""))
    page = {"form": form, "kind": kind, "is_new": is_new, "late_day": late_day, "too_early": too_early}
    return show(request, REGISTER, page)
