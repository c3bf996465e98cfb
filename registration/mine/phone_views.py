"""Another telephone for a registration: the old one is proven by the session, the new one by a PIN."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from crs.captcha.challenges import WrongAnswer
from crs.captcha.forms import CaptchaForm, captcha_kind, is_captcha_switch
from crs.errors import FormChanged
from crs.sent_forms import sending
from registration.mine import changing
from registration.mine.errors import MyRegistrationError
from registration.mine.views import EntryRequest, changes_entry, show
from registration.models import PhoneVerification
from registration.telephones import pin_limits, verification
from registration.telephones.errors import PinRefused
from registration.telephones.forms import PhoneForm, PinForm
from registration.telephones.phone import readable

# The verification that waits for the PIN of the new telephone; it proves nothing else in this browser.
NEW_PHONE = "new_phone_verification"


@changes_entry
def change_phone(request: EntryRequest) -> HttpResponse:
    """The new telephone: a PIN goes there, as at the first step."""
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
                request.session[NEW_PHONE] = str(asked.pk)
                return redirect("registration:my_phone_pin", request.entry.key)
    else:
        form = PhoneForm(captcha_kind=kind)
    return show(request, "phone", {"form": form})


@changes_entry
def phone_pin(request: EntryRequest) -> HttpResponse:
    """The PIN that came to the new telephone."""
    now, entry = timezone.now(), request.entry
    known: str | None = request.session.get(NEW_PHONE)
    waiting = PhoneVerification.objects.filter(pk=known).first() if known else None
    if waiting is None:
        return redirect("registration:my_phone", entry.key)
    form = PinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            proved = verification.verify(verification_id=waiting.pk, pin=form.cleaned_data["pin"], now=now)
            changing.change_phone(entry=entry, phone=proved.phone.as_e164, form=sending(request), now=now)
        except (PinRefused, MyRegistrationError) as refusal:
            form.add_error("pin", str(refusal))
        except FormChanged:
            form.add_error("pin", _("Please check the PIN and send it once more."))
        else:
            verification.end(verification_id=waiting.pk)
            request.session.pop(NEW_PHONE)
            text = _("The registration has the telephone %(phone)s now. To see it, prove that telephone.")
            messages.success(request, text % {"phone": readable(proved.phone.as_e164)})
            return redirect("registration:mine")
    stopped_until = verification.stopped_until(waiting, now=now)
    context = {"form": form, "phone": readable(waiting.phone.as_e164), "stopped_until": stopped_until}
    return show(request, "phone_pin", context)
