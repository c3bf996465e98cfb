"""Steps 3 and 4: the form, a look over it before it is sent, and the registration received."""

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from crs.session_encryption import seal, unseal
from registration import number
from registration.applying import going_on, looked_after, openings, registering, reviewing
from registration.applying.errors import AlreadyHandedOver, AlreadyRegistered, TooManyRegistrations
from registration.applying.forms import BY_DOCUMENT, ConsentForm, RegistrationForm
from registration.applying.going_on import Outlook
from registration.applying.openings import Opening
from registration.applying.registering import Details, Made
from registration.codes.errors import CodeRefused
from registration.errors import RegistrationError
from registration.groups import open_now
from registration.groups.eligibility import decide
from registration.groups.errors import ClaimNotProven, NoGroupOfThisAge, NotYetOpen, TooYoung
from registration.groups.rules import read_once, rules_at
from registration.models import LineRequest, Registration
from registration.people.short_name import short_name
from registration.telephones import draft
from registration.telephones.phone import readable
from registration.telephones.session import MADE, ProvenRequest, proven

# Buttons of the form that only show it anew: what is asked depends on what is chosen.
_BY_NUMBER = "number"


@never_cache
@require_http_methods(["GET", "POST"])
@proven
@read_once()
def form(request: ProvenRequest) -> HttpResponse:
    """Step 3: the person who is to be vaccinated."""
    now = timezone.now()
    if request.method == "GET":
        typed = draft.load(request.session, phone=request.proven_phone)
        return _show_form(request, RegistrationForm(initial=typed, now=now))
    typed = draft.keep(request.session, request.POST, phone=request.proven_phone)
    if "remind" in request.POST:
        return _remind(request)
    if "choose" in request.POST:
        return _show_choice(request, typed)
    filled = RegistrationForm(request.POST, now=now)
    if not filled.is_valid():
        return _show_form(request, filled)
    # What was noticed once is not asked again when the form is read from the draft.
    draft.keep(request.session, cast("QueryDict", filled.data), phone=request.proven_phone)
    return _refused(request, filled, now) or redirect("registration:review")


@never_cache
@require_http_methods(["GET", "POST"])
@proven
@read_once()
def review(request: ProvenRequest) -> HttpResponse:
    """All that was typed, with a link to each field; what is sent from here registers the person."""
    now = timezone.now()
    typed = draft.load(request.session, phone=request.proven_phone)
    if not typed:  # the second click of somebody who is registered by now; or nothing was typed yet
        return redirect("registration:done" if MADE in request.session else "registration:form")
    if "other_phone" in request.POST:
        draft.release(request.session)
        return redirect("registration:phone")
    filled = RegistrationForm(draft.as_sent(typed), now=now)
    if not filled.is_valid():  # a site that was chosen has closed since
        return _show_form(request, filled)
    if refused := _refused(request, filled, now):
        return refused
    seen = reviewing.digest(typed)
    if request.method == "POST" and request.POST.get("seen") != seen:
        messages.info(request, _("Something was changed in the meantime, perhaps in another window. Please check it."))
        return redirect("registration:review")
    consents = ConsentForm(request.POST or None, needs_guardian=filled.needs_guardian, initial={"seen": seen})
    if consents.is_valid():
        return _register(request, filled, consents, now)
    return _show_review(request, filled, consents, now)


def _register(request: ProvenRequest, filled: RegistrationForm, consents: ConsentForm, now: datetime) -> HttpResponse:
    details = filled.details()
    # Looked at before, because the SMS and the e-mail say what the page says.
    outlook = (
        None if details.home_district else going_on.outlook(details.facts, details.sites, registered_at=now, now=now)
    )
    details = replace(details, is_listed=outlook is not None and going_on.is_listed(outlook, details.sites))
    try:
        made = registering.register(
            phone=request.proven_phone,
            details=details,
            language=request.LANGUAGE_CODE,
            form=sending(request),
            now=now,
        )
    except (AlreadyRegistered, AlreadyHandedOver) as refusal:
        draft.forget(request.session)
        messages.info(request, str(refusal))
        return redirect("registration:mine")
    except (TooManyRegistrations, FormChanged) as refusal:
        consents.add_error(None, str(refusal))
        return _show_review(request, filled, consents, now)
    except RegistrationError as refusal:
        return _show_refusal(request, filled, refusal, now)
    draft.forget(request.session)
    # From what was typed, not from what was found: a claim reads like a registration.
    request.session[MADE] = {
        "number": made.number,
        "is_request": isinstance(made, LineRequest),
        "is_immobile": details.home_district is not None,
        "waits_for_code": filled.needs_code and not details.code,
        "is_checked": filled.is_checked_by_register,
        "told": seal(_told_of(request, details, now)),
    } | _outlook_of(outlook, details, made, now)
    return redirect("registration:done")


@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Step 4: the registration number and what happens next."""
    made = request.session.get(MADE)
    if made is None:
        return redirect("registration:mine")
    now = timezone.now()
    shown = {
        "invited": open_now.invited(rules_at(now), now=now),
        "number": number.grouped(made["number"]),
        "page_key": number.page_key(made["number"]),
        "outlook": made.get("outlook", ""),
        "opens_at": parse_datetime(made.get("opens_on") or ""),
    }
    told = unseal(made.get("told", "")) or {}
    return render(request, "registration/applying/done.html", made | shown | told)


def _told_of(request: ProvenRequest, details: Details, now: datetime) -> dict[str, Any]:
    """What the next page says of the person: whom, where news come, and the group."""
    turn = reviewing.turn_of(details, now=now)
    return {
        "whom": short_name(details.person).own,
        "phone": readable(request.proven_phone),
        "email": details.email,
        "group": str(turn.best.group) if turn.best else "",
        "is_by_age": turn.best is not None and turn.best.is_by_age,
        "brings_confirmation": turn.best is not None and turn.best.is_confirmed_at_site,
    }


def _outlook_of(outlook: Outlook | None, details: Details, made: Made, now: datetime) -> dict[str, Any]:
    """What the person can do now, as the session keeps it for the next page; where nothing is free they are listed."""
    if outlook is None or isinstance(made, LineRequest):
        return {"outlook": ""}
    if outlook is Outlook.FULL:
        going_on.join(made if isinstance(made, Registration) else None, now=now)
    opens_at = decide(details.facts, rules_at(now), now=now).invites_from
    return {
        "outlook": outlook,
        "weeks": going_on.weeks_of(outlook, details.facts, details.sites, now=now),
        "opens_on": opens_at.isoformat() if opens_at else "",
        "has_sites": bool(details.sites),
    }


def _remind(request: ProvenRequest) -> HttpResponse:
    """Send an SMS once when the group opens; what was typed waits, in this browser."""
    code, now = request.POST["remind"], timezone.now()
    if openings.remind(code, phone=request.proven_phone, language=request.LANGUAGE_CODE, now=now):
        text = _(
            "We will send an SMS to %(phone)s when this group can register. The person is not registered yet: when the "
            "SMS comes, please fill in the form again. You can leave now."
        )
        messages.success(request, text % {"phone": readable(request.proven_phone)})
    else:
        messages.info(request, _("This group can register already. Please send the form."))
    return redirect("registration:form")


def _show_choice(request: ProvenRequest, typed: dict[str, Any]) -> HttpResponse:
    """The form with what a choice asks for; nothing is checked yet."""
    if request.POST["choose"] in (BY_DOCUMENT, _BY_NUMBER):
        typed["identity"] = request.POST["choose"]
        draft.change(request.session, identity=typed["identity"])
    return _show_form(request, RegistrationForm(initial=typed, now=timezone.now()))


def _field_of(refusal: Exception, form: RegistrationForm) -> str | None:
    """The field that a refusal is about; None: the form as a whole."""
    if isinstance(refusal, CodeRefused):
        return "code"
    if isinstance(refusal, ClaimNotProven) and form.needs_code:
        return "code"
    return form.identity_field if isinstance(refusal, (TooYoung, NoGroupOfThisAge)) else None


def _refused(request: ProvenRequest, filled: RegistrationForm, now: datetime) -> HttpResponse | None:
    """The form with why nobody like this person may register now; None where they may."""
    refusal = reviewing.turn_of(filled.details(), now=now).registering_refusal
    return _show_refusal(request, filled, refusal, now) if refusal else None


def _show_refusal(
    request: ProvenRequest, form: RegistrationForm, refusal: RegistrationError, now: datetime
) -> HttpResponse:
    """The form with what stands in the way; who comes too early has made no mistake: the page says when."""
    opening = openings.of(form.details(), now=now) if isinstance(refusal, (NotYetOpen, ClaimNotProven)) else None
    if opening is None or isinstance(refusal, ClaimNotProven):
        form.add_error(_field_of(refusal, form), str(refusal))
    return _show_form(request, form, opening)


def _show_review(
    request: ProvenRequest, filled: RegistrationForm, consents: ConsentForm, now: datetime
) -> HttpResponse:
    details = filled.details()
    context = {
        "form": consents,
        "rows": [*reviewing.rows(filled, details, phone=readable(request.proven_phone)), reviewing.language_row()],
        "turn": reviewing.turn_of(details, now=now),
        "filled": filled,
    }
    return render(request, "registration/applying/review.html", context)


def _show_form(request: ProvenRequest, form: RegistrationForm, opening: Opening | None = None) -> HttpResponse:
    context = {
        "form": form,
        "opening": opening,
        "has_registered": looked_after.is_any(request.proven_phone),
        "phone": readable(request.proven_phone),
    }
    return render(request, "registration/applying/form.html", context)
