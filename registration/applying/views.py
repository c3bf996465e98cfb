"""Steps 3 and 4: the form, and the registration received."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from registration import number
from registration.applying import looked_after, registering
from registration.applying.errors import AlreadyRegistered, TooManyRegistrations
from registration.applying.forms import RegistrationForm
from registration.groups.errors import NotYetOpen, TooYoung
from registration.telephones import draft
from registration.telephones.phone import readable
from registration.telephones.session import ProvenRequest, proven

NUMBER = "registration_number"


@never_cache
@require_http_methods(["GET", "POST"])
@proven
def form(request: ProvenRequest) -> HttpResponse:
    """Step 3: the person who is to be vaccinated."""
    today = timezone.localdate()
    if request.method == "GET":
        typed = draft.load(request.session, phone=request.proven_phone)
        return _show_form(request, RegistrationForm(initial=typed, today=today))
    typed = draft.keep(request.session, request.POST, phone=request.proven_phone)
    if "choose" in request.POST:
        typed["consent"] = "consent" in request.POST
        return _show_form(request, RegistrationForm(initial=typed, today=today))
    filled = RegistrationForm(request.POST, today=today)
    if not filled.is_valid():
        return _show_form(request, filled)
    try:
        made = registering.register(
            phone=request.proven_phone,
            details=filled.details(),
            language=request.LANGUAGE_CODE,
            form=sending(request),
            now=timezone.now(),
        )
    except (TooYoung, NotYetOpen) as refusal:
        filled.add_error("insured_number", str(refusal))
        return _show_form(request, filled)
    except (TooManyRegistrations, FormChanged) as refusal:
        filled.add_error(None, str(refusal))
        return _show_form(request, filled)
    except AlreadyRegistered as refusal:
        draft.forget(request.session)
        messages.info(request, str(refusal))
        return redirect("registration:existing")
    draft.forget(request.session)
    request.session[NUMBER] = made.number
    return redirect("registration:done")


@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Step 4: the registration number and what happens next."""
    if NUMBER not in request.session:
        return redirect("registration:existing")
    return render(request, "registration/applying/done.html", {"number": number.grouped(request.session[NUMBER])})


@never_cache
@require_GET
@proven
def existing(request: ProvenRequest) -> HttpResponse:
    """The persons that this telephone has registered."""
    entries = looked_after.registered_by(request.proven_phone)
    return render(
        request, "registration/applying/existing.html", {"entries": entries, "phone": readable(request.proven_phone)}
    )


def _show_form(request: ProvenRequest, form: RegistrationForm) -> HttpResponse:
    context = {"form": form, "entries": looked_after.registered_by(request.proven_phone)}
    return render(request, "registration/applying/form.html", context)
