"""Pages to accept an invitation, and to manage staff: invite, take a role away, reset a lost second factor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from crs import tries
from crs.accounts import passwords, second_factor, session
from crs.accounts.errors import PasswordRefused
from crs.accounts.guards import StaffRequest, staff_only
from crs.errors import FormChanged, TooManyTries
from crs.sent_forms import sending
from crs.users import name_of_user
from logistics.models import Role, StaffInvitation, StaffRole, VaccinationSite
from logistics.staff import invitations, permissions, ranks, roles, second_factor_reset
from logistics.staff.errors import InvitationRefused, LastManager, NothingToWithdraw, NotYoursToGive, StaffError
from logistics.staff.forms import InvitationForm, InviteForm, KnownAccountForm, NewAccountForm, OfficeInviteForm
from logistics.staff.guards import site_or_404, staff_who_may
from logistics.staff.permissions import Act

# The session's key for the invitation whose code was typed.
INVITATION = "staff_invitation"


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Ask for the code of an invitation. It is typed, for histories would keep an address with a secret in it."""
    form = InvitationForm(request.POST or None)
    status = 200
    if form.is_valid():
        now, rate = timezone.now(), settings.STAFF_INVITATION_TRIES_PER_ADDRESS
        try:
            tries.refuse_too_many(request, what="staff.invitation", rate=rate, now=now)
            found = invitations.find_invitation(**form.cleaned_data, now=now)
        except (TooManyTries, InvitationRefused) as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            request.session.cycle_key()
            request.session[INVITATION] = str(found.pk)
            return redirect("logistics:accept")
    return render(request, "logistics/staff/invitation.html", {"form": form}, status=status)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Accept the invitation, with the password of the account that exists or with a new account."""
    typed: str | None = request.session.get(INVITATION)
    known = StaffInvitation.objects.select_related("site", "region")
    found = known.filter(pk=typed).first() if typed else None
    if found is None:
        return redirect("logistics:invitation")
    account = invitations.invited_account(found)
    form = (
        KnownAccountForm(request.POST or None) if account else NewAccountForm(request.POST or None, email=found.email)
    )
    if form.is_valid():
        user = _accept(request, found, account, form)
        if user is not None:
            del request.session[INVITATION]
            session.begin(request, user=user, next_page="", now=timezone.now())
            messages.success(request, _("You have accepted the invitation. Now prove who you are once more."))
            return redirect(session.next_step(user))
    explained = _explained([Role(found.role)])
    context = {"form": form, "invitation": found, "is_known": account is not None, "explained": explained}
    return render(request, "logistics/staff/accept.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
def site_staff(request: StaffRequest, site_id: UUID) -> HttpResponse:
    """List the staff of a site, and invite a colleague."""
    site = site_or_404(request.user, site_id, Act.MANAGE_STAFF)
    given = ranks.roles_to_give(request.user, site)
    form = InviteForm(request.POST or None, roles=given)
    if form.is_valid() and _is_invited(request, form, site):
        return redirect("logistics:site_staff", site.pk)
    people = [_colleague(request.user, role, given) for role in roles.staff_of(site)]
    waiting = _waiting(site, given)
    context = {"form": form, "site": site, "people": people, "waiting": waiting, "explained": _explained(given)}
    return render(request, "logistics/staff/site_staff.html", context)


@staff_who_may(Act.MANAGE_OFFICES)
@require_http_methods(["GET", "POST"])
def office_staff(request: StaffRequest) -> HttpResponse:
    """List the staff of regions, distributors and the ministry, and invite a colleague."""
    given = ranks.roles_to_give(request.user, None)
    form = OfficeInviteForm(request.POST or None, roles=given)
    if form.is_valid() and _is_invited(request, form, None):
        return redirect("logistics:office_staff")
    held = StaffRole.objects.filter(site=None).select_related("user", "region").order_by("role", "region", "user")
    people = [_colleague(request.user, role, given) for role in held]
    waiting = _waiting(None, given)
    context = {"form": form, "site": None, "people": people, "waiting": waiting, "explained": _explained(given)}
    return render(request, "logistics/staff/site_staff.html", context)


@staff_only
@require_http_methods(["GET", "POST"])
def take_role(request: StaffRequest, role_id: int) -> HttpResponse:
    """Take a role away, after a question."""
    if request.method == "GET":
        return render(request, "logistics/staff/take_role.html", {"role": _role_or_404(request.user, role_id)})
    try:
        site = roles.take_role(role_id=role_id, by=request.user, form=sending(request))
    except NotYoursToGive as refusal:
        raise Http404 from refusal
    except LastManager as refusal:
        messages.error(request, str(refusal))
        return _back(request.user, _role_or_404(request.user, role_id).site)
    messages.success(request, _("The role was taken away."))
    return _back(request.user, site)


@staff_only
@require_http_methods(["GET", "POST"])
def withdraw_invitation(request: StaffRequest, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back, after a question."""
    known = StaffInvitation.objects.select_related("site__district", "region")
    found = get_object_or_404(known, pk=invitation_id)
    if not ranks.may_give(request.user, Role(found.role), found.site):
        raise Http404
    if request.method == "GET":
        return render(request, "logistics/staff/withdraw_invitation.html", {"invitation": found})
    try:
        invitations.withdraw(invitation_id=found.pk, by=request.user, now=timezone.now(), form=sending(request))
    except NothingToWithdraw as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The invitation was withdrawn. The code in the e-mail gives nothing any more."))
    return _back(request.user, found.site)


@staff_only
@require_http_methods(["GET", "POST"])
def reset_second_factor(request: StaffRequest, role_id: int) -> HttpResponse:
    """Take the lost second factor of a colleague away, after a question."""
    role = _role_or_404(request.user, role_id)
    if not second_factor_reset.may_reset(user=role.user, by=request.user):
        raise Http404
    if request.method == "POST":
        second_factor_reset.reset(user=role.user, by=request.user, form=sending(request))
        text = _("The second factor of %(name)s was reset. They set up a new one when they log in.")
        messages.success(request, text % {"name": name_of_user(role.user)})
        return _back(request.user, role.site)
    return render(request, "logistics/staff/reset_second_factor.html", {"role": role})


def _accept(
    request: HttpRequest, found: StaffInvitation, account: User | None, form: NewAccountForm | KnownAccountForm
) -> User | None:
    """Return the account that now has the role, or None where the form says why not."""
    now = timezone.now()
    try:
        if account is None:
            names = {name: form.cleaned_data[name] for name in ("first_name", "last_name", "password")}
            return invitations.accept_as_new(invitation_id=found.pk, **names, now=now)
        user = passwords.check(request, name=account.get_username(), password=form.cleaned_data["password"], now=now)
        invitations.accept(invitation_id=found.pk, user=user, now=now)
    except (PasswordRefused, StaffError) as refusal:
        form.add_error(None, str(refusal))
        return None
    return user


def _is_invited(request: StaffRequest, form: InviteForm, site: VaccinationSite | None) -> bool:
    """Whether the invitation is on its way; else the form says why not."""
    try:
        invitations.invite(**form.cleaned_data, site=site, by=request.user, form=sending(request), now=timezone.now())
    except (StaffError, FormChanged) as refusal:
        form.add_error(None, str(refusal))
        return False
    text = _("We are sending the invitation to %(email)s. It is valid for 7 days.")
    messages.success(request, text % {"email": form.cleaned_data["email"]})
    return True


def _colleague(by: User, role: StaffRole, given: Sequence[Role]) -> dict[str, Any]:
    """A line of the list: the role, and whether `by` may take it or reset its second factor.

    `given`: the roles that `by` may give.
    """
    return {
        "role": role,
        "can_take": role.role in given,
        "can_reset": second_factor_reset.may_reset(user=role.user, by=by) and second_factor.is_set_up(role.user),
    }


def _waiting(site: VaccinationSite | None, given: Sequence[Role]) -> list[tuple[StaffInvitation, bool]]:
    """The invitations that wait for an answer, and whether whoever may give the roles `given` may withdraw each."""
    return [(one, one.role in given) for one in invitations.open_invitations(site, now=timezone.now())]


def _explained(given: Sequence[Role]) -> list[tuple[str, list[str]]]:
    """What each of the roles may do, as the table of acts says it."""
    return [(str(role.label), permissions.doings(role)) for role in given]


def _role_or_404(user: User, role_id: int) -> StaffRole:
    """The role, if the user may give and take it. Raises Http404."""
    role = get_object_or_404(StaffRole.objects.select_related("user", "site__district", "region"), pk=role_id)
    if not ranks.may_give(user, Role(role.role), role.site):
        raise Http404
    return role


def _back(user: User, site: VaccinationSite | None) -> HttpResponse:
    """Lead to the list of staff, or to the account where the user has just taken away their own right to the list."""
    if site is None:
        is_theirs = permissions.may(user, Act.MANAGE_OFFICES)
        return redirect("logistics:office_staff" if is_theirs else "logistics:account")
    if permissions.may(user, Act.MANAGE_STAFF, site):
        return redirect("logistics:site_staff", site.pk)
    return redirect("logistics:account")
