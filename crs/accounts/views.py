"""Logging in with two factors; a member of staff's own password, app and recovery codes."""

import base64
import io
from typing import Any

import qrcode
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as otp_login
from django_otp.plugins.otp_static.models import StaticDevice

from crs import tries
from crs.accounts import known_browsers, log_in_advice, passwords, second_factor, session
from crs.accounts.codes import grouped
from crs.accounts.errors import CodeRefused, PasswordRefused, TooManyLogIns
from crs.accounts.forms import CodeForm, LogInForm, ReplaceForm, SetUpForm
from crs.accounts.guards import UNSENT, StaffRequest, is_staff, staff_only


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Step 1: name and password."""
    wanted = session.safe_page(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.method == "GET" and is_staff(request.user):
        return redirect(wanted or settings.LOGIN_REDIRECT_URL)
    form = LogInForm(request.POST or None)
    status = 200
    if form.is_valid():
        now, name = timezone.now(), form.cleaned_data["name"]
        browser, rate = known_browsers.name_of(request), settings.LOGINS_PER_ADDRESS
        try:
            tries.refuse_too_many(
                request, what="staff.log_in", rate=rate, now=now, browser=browser, refusal=TooManyLogIns
            )
            user = passwords.check(request, name=name, password=form.cleaned_data["password"], now=now)
        except (TooManyLogIns, PasswordRefused) as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            session.begin(request, user=user, next_page=wanted, now=now)
            return redirect(session.next_step(user))
    context = {
        "form": form,
        "next": wanted,
        "is_unsent": UNSENT in request.GET,
        "has_idled": session.has_idled(request),
        "idle_minutes": settings.STAFF_IDLE_MINUTES,
        "advice": log_in_advice.templates(),
    }
    return render(request, "accounts/log_in.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Step 2: the code from the app, or a recovery code."""
    user = session.pending_user(request, now=timezone.now())
    if user is None:
        return _begin_again(request)
    if not second_factor.is_set_up(user):
        return redirect("accounts:set_up")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            device = second_factor.check(user=user, code=form.cleaned_data["code"])
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            session.let_in(request, user=user, device=device)
            if isinstance(device, StaticDevice):
                _say_how_many_codes_are_left(request, user)
            return passwords.remember_browser(request, redirect(session.next_page(request)), user=user)
    return render(request, "accounts/code.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Step 2 of the first log-in: the app gets its key. Until then no other page opens."""
    user = session.pending_user(request, now=timezone.now())
    if user is None:
        return _begin_again(request)
    if second_factor.is_set_up(user):
        return redirect("accounts:code")
    key = _new_key(request)
    form = SetUpForm(request.POST or None)
    if form.is_valid():
        try:
            device, codes = second_factor.set_up(user=user, key=key, code=form.cleaned_data["code"])
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            session.let_in(request, user=user, device=device)
            session.keep(request, session.CODES, codes)
            return passwords.remember_browser(request, redirect("accounts:recovery_codes"), user=user)
    context = {"form": form, **_key_context(user, key)}
    return render(request, "accounts/set_up.html", context)


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session in this browser."""
    logout(request)
    messages.success(request, _("You are logged out."))
    return redirect("accounts:log_in")


@sensitive_post_parameters()
@staff_only
@require_http_methods(["GET", "POST"])
def password(request: StaffRequest) -> HttpResponse:
    """Another password; other browsers of the account are logged out."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("Your password is changed. Other devices are logged out."))
        return redirect(settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/password.html", {"form": form})


@staff_only
@require_http_methods(["GET", "POST"])
def recovery_codes(request: StaffRequest) -> HttpResponse:
    """Show new recovery codes until their owner says that they are kept; make new ones for a code of the app."""
    fresh = session.kept(request, session.CODES)
    if fresh and "kept" in request.POST:
        del request.session[session.CODES]
        return redirect(session.next_page(request))
    form = CodeForm(request.POST or None)
    if not fresh and form.is_valid():
        try:
            second_factor.check(user=request.user, code=form.cleaned_data["code"])
        except CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            codes = second_factor.renew_recovery_codes(user=request.user)
            session.keep(request, session.CODES, codes)
            return redirect("accounts:recovery_codes")
    context = {
        "form": CodeForm() if fresh else form,
        "codes": [grouped(one, 5) for one in fresh or []],
        "codes_left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "accounts/recovery_codes.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
def device(request: StaffRequest) -> HttpResponse:
    """Another authenticator app, for a code of the present one."""
    key = _new_key(request)
    form = ReplaceForm(request.POST or None)
    if form.is_valid() and _replace_device(request, form, key):
        messages.success(request, _("The new app is set up; the old one does not work any more."))
        return redirect("accounts:recovery_codes")
    return render(request, "accounts/device.html", {"form": form, **_key_context(request.user, key)})


def _replace_device(request: StaffRequest, form: ReplaceForm, key: str) -> bool:
    """Whether the new app is set up; else the form says why not."""
    user: User = request.user
    try:
        # The new code first: a code of the old app is used up by looking at it.
        second_factor.check_new(user=user, key=key, code=form.cleaned_data["code"])
    except CodeRefused as refusal:
        form.add_error("code", str(refusal))
        return False
    try:
        second_factor.check(user=user, code=form.cleaned_data["old_code"])
    except CodeRefused as refusal:
        form.add_error("old_code", str(refusal))
        return False
    made, codes = second_factor.set_up(user=user, key=key, code=form.cleaned_data["code"], replace=True)
    request.session.cycle_key()
    request.session.pop(session.KEY, None)
    otp_login(request, made)
    session.keep(request, session.CODES, codes)
    return True


def _begin_again(request: HttpRequest) -> HttpResponse:
    """Lead to the first step; from there people who are logged in go on by themselves."""
    if not is_staff(request.user):
        messages.info(request, _("Please log in with your name and password first."))
    return redirect("accounts:log_in")


def _new_key(request: HttpRequest) -> str:
    """The key of an app that is being set up. It stays until the end, for the app may have it already."""
    key = session.kept(request, session.KEY)
    if not isinstance(key, str):
        key = second_factor.new_key()
        session.keep(request, session.KEY, key)
    return key


def _key_context(user: User, key: str) -> dict[str, Any]:
    """The key as a picture for the camera, as a link for the telephone on which this page is read, and for typing."""
    app = second_factor.unsaved_device(user=user, key=key)
    picture = io.BytesIO()
    qrcode.make(app.config_url, box_size=5, border=3).save(picture)
    return {
        "picture": "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode(),
        "link": app.config_url,
        "key": second_factor.readable_key(key),
    }


def _say_how_many_codes_are_left(request: HttpRequest, user: User) -> None:
    left = second_factor.recovery_codes_left(user)
    text = ngettext(
        "You used a recovery code; %(left)d is left. If you no longer have the telephone, set up another app.",
        "You used a recovery code; %(left)d are left. If you no longer have the telephone, set up another app.",
        left,
    )
    messages.warning(request, text % {"left": left})
