"""Steps 1 and 2: a telephone and the PIN sent to it; and the end on a computer that others use, too."""

import math
from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import CaptchaForm, captcha_kind, is_captcha_switch
from crs.errors import FormChanged
from crs.messaging.delay import current_sms_delay
from crs.sent_forms import sending
from registration.models import PhoneVerification
from registration.telephones import pin_limits, session, verification
from registration.telephones.errors import CaptchaNeeded, PinRefused, ResendTooSoon, VerificationGone
from registration.telephones.forms import PhoneForm, PinForm, ResendForm
from registration.telephones.phone import readable
from registration.telephones.session import VERIFICATION


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
                session.keep_door(request)
                return redirect("registration:pin")
    else:
        form = PhoneForm(initial={"phone": session.known_phone(request)}, captcha_kind=kind)
    context = {"form": form, "is_own": session.is_own_door(request)}
    return render(request, "registration/telephones/phone.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """Step 2: the PIN from the SMS."""
    now = timezone.now()
    form = PinForm(request.POST or None)
    if request.method == "GET" and session.has_proved_what_it_asked(request, now=now):
        return redirect(session.after_proof(request))
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
            return redirect(session.after_proof(request))
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


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Leave nothing behind on a computer that others use as well."""
    session.finish(request)
    messages.success(request, _("You are finished. Nothing about you stays on this device."))
    return redirect("home")


def _show_pin(request: HttpRequest, form: PinForm, resend_form: ResendForm) -> HttpResponse:
    """The page of step 2: the PIN, and another PIN."""
    now, attempt = timezone.now(), _verification(request)
    delay = current_sms_delay(now)
    stopped_until = verification.stopped_until(attempt, now=now)
    may_resend_at = stopped_until or verification.may_ask_again_at(attempt, now=now)
    context = {
        "is_own": session.leads_to_own(request),
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
    return render(request, "registration/telephones/pin.html", context)


def _verification(request: HttpRequest) -> PhoneVerification:
    known: str | None = request.session.get(VERIFICATION)
    found = verification.found(known) if known else None
    if found is None:
        raise VerificationGone
    return found
