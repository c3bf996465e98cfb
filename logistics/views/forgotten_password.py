"""A forgotten password of staff: e-mail, the code that came to it, a new password; then the second factor."""

from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics import password_reset, passwords, second_factor, staff_session, tries
from logistics.staff.errors import ResetRefused
from logistics.staff.forms import ForgottenForm, NewPasswordForm, ResetCodeForm

# In the session, sealed: the e-mail typed on the first page, for the second.
EMAIL = "staff_reset_email"


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Whose password it is; the answer is the same whether there is such an account."""
    form = ForgottenForm(request.POST or None)
    status = 200
    if form.is_valid():
        now = timezone.now()
        if _is_too_much(request, "asked", now):
            form.add_error(None, _("Too many tries from your network. Please try again in an hour."))
            status = 429
        else:
            try:
                password_reset.ask_for_code(email=form.cleaned_data["email"], form=sending(request), now=now)
            except (ResetRefused, FormChanged) as refusal:
                form.add_error(None, str(refusal))
            else:
                staff_session.keep(request, EMAIL, form.cleaned_data["email"])
                return redirect("logistics:reset_code")
    return render(request, "logistics/staff/forgotten_password.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code from the e-mail; it may be typed in another browser than the one that asked for it."""
    email = staff_session.kept(request, EMAIL) or ""
    form = ResetCodeForm(request.POST or None, initial={"email": email})
    status = 200
    if form.is_valid():
        now = timezone.now()
        if _is_too_much(request, "tried", now):
            form.add_error(None, _("Too many tries from your network. Please try again in an hour."))
            status = 429
        else:
            try:
                user = password_reset.check_code(**form.cleaned_data, now=now)
            except ResetRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                request.session.pop(EMAIL, None)
                staff_session.begin_reset(request, user=user, now=now)
                return redirect("logistics:new_password")
    return render(request, "logistics/staff/reset_code.html", {"form": form, "email": email}, status=status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The new password; it alone opens nothing, the second factor comes next."""
    now = timezone.now()
    user = staff_session.resetting_user(request, now=now)
    if user is None:
        return redirect("logistics:forgotten_password")
    form = NewPasswordForm(request.POST or None, user=user)
    if form.is_valid():
        password_reset.set_password(user=user, password=form.cleaned_data["password"])
        passwords.forget_wrong(request, user=user)
        del request.session[staff_session.RESET]
        staff_session.begin(request, user=user, next_page="", now=now)
        messages.success(request, _("Your password is changed. Now prove who you are once more."))
        return redirect("logistics:code" if second_factor.is_set_up(user) else "logistics:set_up")
    return render(request, "logistics/staff/new_password.html", {"form": form, "account": user})


def _is_too_much(request: HttpRequest, what: str, now: datetime) -> bool:
    rate = settings.FORGOTTEN_PASSWORDS_PER_ADDRESS
    return tries.is_too_much(request, what=f"staff.forgotten.{what}", rate=rate, now=now)
