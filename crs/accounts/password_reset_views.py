"""A forgotten password of staff: the e-mail, the code that came to it, a new password; then the second factor."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs import tries
from crs.accounts import password_reset, passwords, session
from crs.accounts.errors import ResetRefused
from crs.accounts.forms import ForgottenForm, NewPasswordForm, ResetCodeForm
from crs.errors import FormChanged, TooManyTries
from crs.sent_forms import sending

# In the session, sealed: the e-mail typed on the first page, for the second.
EMAIL = "staff_reset_email"


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the e-mail of the account. The answer does not tell whether there is such an account."""
    form = ForgottenForm(request.POST or None)
    status = 200
    if form.is_valid():
        now = timezone.now()
        rate = settings.FORGOTTEN_PASSWORDS_PER_ADDRESS
        try:
            tries.refuse_too_many(request, what="staff.forgotten.asked", rate=rate, now=now)
            password_reset.ask_for_code(email=form.cleaned_data["email"], form=sending(request), now=now)
        except (TooManyTries, ResetRefused, FormChanged) as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            session.keep(request, EMAIL, form.cleaned_data["email"])
            return redirect("accounts:reset_code")
    return render(request, "accounts/forgotten_password.html", {"form": form}, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code from the e-mail; it may be typed in another browser than the one that asked for it."""
    email = session.kept(request, EMAIL) or ""
    form = ResetCodeForm(request.POST or None, initial={"email": email})
    status = 200
    if form.is_valid():
        now = timezone.now()
        rate = settings.FORGOTTEN_PASSWORDS_PER_ADDRESS
        try:
            tries.refuse_too_many(request, what="staff.forgotten.tried", rate=rate, now=now)
            user = password_reset.check_code(**form.cleaned_data, now=now)
        except (TooManyTries, ResetRefused) as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            request.session.pop(EMAIL, None)
            session.begin_reset(request, user=user, now=now)
            return redirect("accounts:new_password")
    return render(request, "accounts/reset_code.html", {"form": form, "email": email}, status=status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """The new password; it alone opens nothing, the second factor comes next."""
    now = timezone.now()
    user = session.resetting_user(request, now=now)
    if user is None:
        return redirect("accounts:forgotten_password")
    form = NewPasswordForm(request.POST or None, user=user)
    if form.is_valid():
        password_reset.set_password(user=user, password=form.cleaned_data["password"])
        passwords.forget_wrong(request, user=user)
        del request.session[session.RESET]
        session.begin(request, user=user, next_page="", now=now)
        messages.success(request, _("Your password is changed. Now prove who you are once more."))
        return redirect(session.next_step(user))
    return render(request, "accounts/new_password.html", {"form": form, "account": user})
