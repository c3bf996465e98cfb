"""Steps 1 to 4: telephone, PIN, form, registration received."""

import math
from datetime import datetime, timedelta

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crs.captcha import CaptchaForm, captcha_kind, is_captcha_switch
from crs.messaging.delay import current_sms_delay
from crs.second_click import Click
from registration import access, draft, limits, number, registering, verification
from registration.access import VERIFICATION, ProvenRequest, proven
from registration.errors import (
    AlreadyRegistered,
    PinRefused,
    ResendTooSoon,
    TooManyRegistrations,
    TooYoung,
    VerificationGone,
)
from registration.forms import PhoneForm, PinForm, RegistrationForm
from registration.models import PhoneVerification, Registration, RegistrationClaim
from registration.phone import readable

NUMBER = "registration_number"
# A second click on a button of ours comes within this time.
DOUBLE_CLICK = timedelta(minutes=2)


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Step 1: a telephone number and a captcha; the answer is the same for every number."""
    kind = captcha_kind(request)
    form: CaptchaForm
    if is_captcha_switch(request):
        form = PhoneForm.unchecked(request.POST, captcha_kind=kind)
    elif request.method == "POST":
        form = PhoneForm(request.POST, captcha_kind=kind)
        if form.is_valid():
            _send_first_pin(request, form.cleaned_data["phone"])
            return redirect("registration:pin")
        if form.is_second_click and _is_first_click_answered(request):
            return redirect("registration:pin")
    else:
        known = request.session.get(access.PHONE, "")
        form = PhoneForm(initial={"phone": readable(known) if known else ""}, captcha_kind=kind)
    return render(request, "registration/phone.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Step 2: the PIN from the SMS."""
    now = timezone.now()
    form = PinForm(request.POST or None)
    attempt = _verification(request)
    if request.method == "GET" and attempt.verified_at and access.proven_phone(request, now=now):
        return redirect("registration:form")
    if form.is_valid():
        try:
            attempt = verification.verify(verification_id=attempt.pk, pin=form.cleaned_data["pin"], now=now)
        except PinRefused as refusal:
            form.add_error("pin", str(refusal))
            attempt.refresh_from_db()
        else:
            access.prove(request, attempt, now=now)
            return redirect("registration:form")
    context = {
        "form": form,
        "phone": readable(attempt.phone.as_e164),
        "resend_at": verification.may_ask_again_at(attempt, now=now),
        "can_resend": verification.may_ask_again_at(attempt, now=now) <= now,
        "sms_minutes": _minutes(current_sms_delay(now)),
    }
    return render(request, "registration/pin.html", context)


@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Another PIN to the same telephone; what a limit or a second click stops looks the same."""
    now = timezone.now()
    attempt = _verification(request)
    if verification.may_ask_again_at(attempt, now=now) > now:
        return redirect("registration:pin")
    try:
        request.session[VERIFICATION] = str(_ask(request, attempt.phone.as_e164, attempt, now=now).pk)
    except ResendTooSoon:  # a second click at the very same moment
        pass
    else:
        messages.success(request, _("We are sending you another PIN."))
    return redirect("registration:pin")


@never_cache
@require_http_methods(["GET", "POST"])
@proven
def form(request: ProvenRequest) -> HttpResponse:
    """Step 3: who is to be vaccinated."""
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
        made = _register(request, filled)
    except TooYoung as refusal:
        filled.add_error("insured_number", str(refusal))
        return _show_form(request, filled)
    except TooManyRegistrations as refusal:
        filled.add_error(None, str(refusal))
        return _show_form(request, filled)
    draft.forget(request.session)
    if made is None:
        return redirect("registration:existing")
    request.session[NUMBER] = made.number
    return redirect("registration:done")


@never_cache
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """Step 4: the registration number and what happens next."""
    if NUMBER not in request.session:
        return redirect("registration:existing")
    return render(request, "registration/done.html", {"number": number.grouped(request.session[NUMBER])})


@never_cache
@require_GET
@proven
def existing(request: ProvenRequest) -> HttpResponse:
    """What this telephone has registered."""
    entries = registering.registered_by(request.proven_phone)
    return render(request, "registration/existing.html", {"entries": entries, "phone": readable(request.proven_phone)})


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Leave nothing behind on a computer that others use as well."""
    request.session.flush()
    messages.success(request, _("You are finished. Nothing about you stays on this device."))
    return redirect("home")


def _show_form(request: ProvenRequest, form: RegistrationForm) -> HttpResponse:
    context = {"form": form, "entries": registering.registered_by(request.proven_phone)}
    return render(request, "registration/form.html", context)


def _register(request: ProvenRequest, filled: RegistrationForm) -> Registration | RegistrationClaim | None:
    """The registration; also the one that the first of two clicks made. None if there was an older one."""
    now = timezone.now()
    try:
        return registering.register(
            phone=request.proven_phone, details=filled.details(), language=request.LANGUAGE_CODE, now=now
        )
    except AlreadyRegistered as refusal:
        if refusal.registration.created_at > now - DOUBLE_CLICK:
            return refusal.registration
        messages.info(request, str(refusal))
        return None


def _verification(request: HttpRequest) -> PhoneVerification:
    known: str | None = request.session.get(VERIFICATION)
    found = PhoneVerification.objects.filter(pk=known).first() if known else None
    if found is None:
        raise VerificationGone
    return found


@transaction.atomic
def _ask(request: HttpRequest, phone: str, attempt: PhoneVerification | None, *, now: datetime) -> PhoneVerification:
    """Send a PIN; over a limit do all the same but that. Raises ResendTooSoon."""
    if limits.refused_until(request, phone=phone, now=now) is None:
        return verification.send_pin(phone=phone, language=request.LANGUAGE_CODE, now=now, verification=attempt)
    return (
        verification.ask_again(verification=attempt, now=now) if attempt else verification.begin(phone=phone, now=now)
    )


def _send_first_pin(request: HttpRequest, phone: str) -> None:
    attempt = _ask(request, phone, None, now=timezone.now())
    request.session[VERIFICATION] = str(attempt.pk)
    Click(request, "phone").leads_to(str(attempt.pk))


def _is_first_click_answered(request: HttpRequest) -> bool:
    """Whether the very same form has just been answered, so that its PIN is on the way.

    The answer to the first click may never have reached the browser, cookie and all.
    """
    earlier = Click(request, "phone").led_to()
    if earlier is None:
        return False
    request.session[VERIFICATION] = earlier
    return True


def _minutes(delay: timedelta | None) -> int | None:
    """How long SMS take, in whole minutes, at least one."""
    return None if delay is None else max(1, math.ceil(delay.total_seconds() / 60))
