"""Steps 1 to 4: telephone, PIN, form, registration received."""

import math
from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import CaptchaForm, captcha_kind, is_captcha_switch
from crs.errors import FormChanged
from crs.messaging.delay import current_sms_delay
from crs.sent_forms import sending
from registration import draft, number, pin_limits, registering, session, verification
from registration.errors import (
    AlreadyRegistered,
    CaptchaNeeded,
    PinRefused,
    ResendTooSoon,
    TooManyRegistrations,
    TooYoung,
    VerificationGone,
)
from registration.forms import PhoneForm, PinForm, RegistrationForm, ResendForm
from registration.models import PhoneVerification
from registration.phone import readable
from registration.session import VERIFICATION, ProvenRequest, proven

NUMBER = "registration_number"


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Step 1: a telephone number and a captcha; the answer is the same for every number."""
    now, kind = timezone.now(), captcha_kind(request)
    form: CaptchaForm
    if is_captcha_switch(request):
        form = PhoneForm.unchecked(request.POST, captcha_kind=kind)
    elif request.method == "POST":
        form = PhoneForm(request.POST, captcha_kind=kind)
        if form.is_valid():
            try:
                asked = verification.ask(
                    phone=form.cleaned_data["phone"],
                    captcha=form.answer,
                    language=request.LANGUAGE_CODE,
                    no_pin_until=partial(pin_limits.no_pin_until, request, now=now),
                    form=sending(request),
                    now=now,
                )
            except WrongAnswer as refusal:
                form.add_error("captcha", str(refusal))
            except FormChanged as refusal:
                form.add_error(None, str(refusal))
            else:
                request.session[VERIFICATION] = str(asked.pk)
                return redirect("registration:pin")
    else:
        form = PhoneForm(initial={"phone": session.known_phone(request)}, captcha_kind=kind)
    return render(request, "registration/phone.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Step 2: the PIN from the SMS."""
    now = timezone.now()
    form = PinForm(request.POST or None)
    if request.method == "GET" and session.has_proved_what_it_asked(request, now=now):
        return redirect("registration:form")
    if form.is_valid():
        try:
            # The second of two clicks comes with the cookie of before the proof: its form leads to the verification.
            proved = verification.verify(
                verification_id=request.session.get(VERIFICATION),
                pin=form.cleaned_data["pin"],
                form=sending(request),
                now=now,
            )
        except PinRefused as refusal:
            form.add_error("pin", str(refusal))
        except FormChanged:
            form.add_error("pin", _("Please check the PIN and send it once more."))
        else:
            session.prove(request, proved)
            return redirect("registration:form")
    return _show_pin(request, form, ResendForm(captcha_kind=captcha_kind(request)))


@never_cache
@require_http_methods(["GET", "POST"])
def resend(request: HttpRequest) -> HttpResponse:
    """Another PIN to the same telephone; after the second one it costs a captcha."""
    if request.method == "GET":  # the language switch, or a tab opened again
        return redirect("registration:pin")
    now, attempt, kind = timezone.now(), _verification(request), captcha_kind(request)
    needs_captcha = verification.needs_captcha(attempt)
    if is_captcha_switch(request):
        return _show_pin(request, PinForm(), ResendForm.unchecked(request.POST, captcha_kind=kind))
    form = ResendForm(request.POST, captcha_kind=kind)
    if needs_captcha and not form.is_valid():
        return _show_pin(request, PinForm(), form)
    try:
        asked = verification.ask_again(
            verification_id=attempt.pk,
            captcha=form.answer if needs_captcha else None,
            language=request.LANGUAGE_CODE,
            no_pin_until=partial(pin_limits.no_pin_until, request, now=now),
            form=sending(request),
            now=now,
        )
    except ResendTooSoon:
        return redirect("registration:pin")  # the page says how long to wait
    except (WrongAnswer, CaptchaNeeded) as refusal:
        form.add_error("captcha", str(refusal))
        return _show_pin(request, PinForm(), form)
    except FormChanged as refusal:
        messages.warning(request, str(refusal))
        return redirect("registration:pin")
    request.session[VERIFICATION] = str(asked.pk)
    # A form that was sent before asked earlier, and sends nothing now.
    if asked.stopped_until is None and asked.asked_at == now:
        messages.success(request, _("We are sending you another PIN."))
    return redirect("registration:pin")


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
    except TooYoung as refusal:
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
    return render(request, "registration/done.html", {"number": number.grouped(request.session[NUMBER])})


@never_cache
@require_GET
@proven
def existing(request: ProvenRequest) -> HttpResponse:
    """The persons that this telephone has registered."""
    entries = registering.registered_by(request.proven_phone)
    return render(request, "registration/existing.html", {"entries": entries, "phone": readable(request.proven_phone)})


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Leave nothing behind on a computer that others use as well."""
    session.end_proof(request)
    request.session.flush()
    messages.success(request, _("You are finished. Nothing about you stays on this device."))
    return redirect("home")


def _show_form(request: ProvenRequest, form: RegistrationForm) -> HttpResponse:
    context = {"form": form, "entries": registering.registered_by(request.proven_phone)}
    return render(request, "registration/form.html", context)


def _show_pin(request: HttpRequest, form: PinForm, resend_form: ResendForm) -> HttpResponse:
    """The page of step 2: the PIN, and another PIN."""
    now, attempt = timezone.now(), _verification(request)
    delay = current_sms_delay(now)
    stopped_until = verification.stopped_until(attempt, now=now)
    may_resend_at = stopped_until or verification.may_ask_again_at(attempt, now=now)
    context = {
        "form": form,
        "resend_form": resend_form,
        "needs_captcha": verification.needs_captcha(attempt),
        "phone": readable(attempt.phone.as_e164),
        "resend_at": may_resend_at,
        "can_resend": may_resend_at <= now,
        "stopped_until": stopped_until,
        "is_stopped_today": stopped_until and timezone.localdate(stopped_until) == timezone.localdate(now),
        "sms_minutes": None if delay is None else max(1, math.ceil(delay / timedelta(minutes=1))),
    }
    return render(request, "registration/pin.html", context)


def _verification(request: HttpRequest) -> PhoneVerification:
    known: str | None = request.session.get(VERIFICATION)
    found = PhoneVerification.objects.filter(pk=known).first() if known else None
    if found is None:
        raise VerificationGone
    return found
