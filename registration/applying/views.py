"""Steps 3 and 4: the form, and the registration received."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from registration import number
from registration.applying import going_on, looked_after, openings, registering
from registration.applying.errors import AlreadyHandedOver, AlreadyRegistered
from registration.applying.forms import BY_DOCUMENT, RegistrationForm
from registration.applying.going_on import Outlook
from registration.applying.openings import Opening
from registration.applying.registering import Details, Made
from registration.codes.errors import CodeRefused
from registration.errors import RegistrationError
from registration.groups import open_now
from registration.groups.eligibility import decide
from registration.groups.errors import ClaimNotProven, NoGroupOfThisAge, NotYetOpen, TooYoung
from registration.groups.rules import rules_at
from registration.models import LineRequest, Registration
from registration.telephones import draft
from registration.telephones.phone import readable
from registration.telephones.session import MADE, ProvenRequest, proven

# Buttons of the form that only show it anew: what is asked depends on what is chosen.
_BY_NUMBER = "number"


@never_cache
@require_http_methods(["GET", "POST"])
@proven
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
    except (RegistrationError, FormChanged) as refusal:
        opening = openings.of(details, now=now) if isinstance(refusal, (NotYetOpen, ClaimNotProven)) else None
        # Who comes too early has made no mistake: the page says when, and offers what to do.
        if opening is None or isinstance(refusal, ClaimNotProven):
            filled.add_error(_field_of(refusal, filled), str(refusal))
        return _show_form(request, filled, opening)
    draft.forget(request.session)
    # From what was typed, not from what was found: a claim reads like a registration.
    request.session[MADE] = {
        "number": made.number,
        "is_request": isinstance(made, LineRequest),
        "is_immobile": details.home_district is not None,
        "waits_for_code": filled.needs_code and not details.code,
        "is_checked": filled.is_checked_by_register,
        "group": _group_of(details, now),
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
    rules = rules_at(now)
    shown = {
        "group": next((rule.group for rule in rules if rule.group.code == made.get("group")), None),
        "invited": open_now.invited(rules, now=now),
        "number": number.grouped(made["number"]),
        "page_key": number.page_key(made["number"]),
        "outlook": made.get("outlook", ""),
        "opens_at": parse_datetime(made.get("opens_on") or ""),
    }
    return render(request, "registration/applying/done.html", made | shown)


def _group_of(details: Details, now: datetime) -> str:
    """The code of the group by which the person waits."""
    best = decide(details.facts, rules_at(now), now=now).best
    return best.group.code if best else ""


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
    for consent in ("consent", "guardian_consent"):
        typed[consent] = consent in request.POST
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


def _show_form(request: ProvenRequest, form: RegistrationForm, opening: Opening | None = None) -> HttpResponse:
    context = {
        "form": form,
        "opening": opening,
        "has_registered": looked_after.is_any(request.proven_phone),
        "phone": readable(request.proven_phone),
    }
    return render(request, "registration/applying/form.html", context)
