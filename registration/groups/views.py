"""The ministry's pages about priority groups: what holds, what is planned, and what a change would do."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.groups import editing, overview, preview
from registration.groups.editing import RuleText
from registration.groups.errors import RulesChanged
from registration.groups.forms import GroupForm, NewGroupForm, ReasonForm, RuleForm
from registration.models import GroupRule, PriorityGroup
from registration.permissions import RegistrationAct

# Which button of a page was pressed.
STEP = "step"
SEEN = "seen"


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_safe
def groups(request: StaffRequest) -> HttpResponse:
    """All groups in the order of their scores, with what holds now and what is planned."""
    return _show(request, "groups", {"lines": overview.lines(now=timezone.now())})


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_safe
def group(request: StaffRequest, code: str) -> HttpResponse:
    """One group: its rules of all times, and its texts."""
    found, now = get_object_or_404(PriorityGroup, pk=code), timezone.now()
    decided = overview.decided(found, now=now)
    context = {
        "group": found,
        "in_force": decided[0] if decided else None,
        "past": decided[1:],
        "planned": found.rules.filter(valid_from__gt=now).select_related("made_by").order_by("valid_from"),
        "withdrawn": overview.withdrawn(found),
        "texts": [
            {"code": code, "language": name, "name": found.names.get(code), "hint": found.hints.get(code)}
            for code, name in settings.LANGUAGES
        ],
    }
    return _show(request, "group", context)


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_rule(request: StaffRequest, code: str) -> HttpResponse:
    """Plan the next rule of a group: a form that begins with what holds now, a preview, and only then it is saved."""
    found, now = get_object_or_404(PriorityGroup, pk=code), timezone.now()
    holds = overview.decided(found, now=now)[:1]
    return _plan(request, found, like=holds[0] if holds else None, replaces=None)


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: StaffRequest, code: str, rule_id: int) -> HttpResponse:
    """Put another rule in the place of a planned one."""
    planned = _planned_rule(request, code, rule_id)
    if isinstance(planned, HttpResponse):
        return planned
    return _plan(request, planned.group, like=planned, replaces=planned)


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_rule(request: StaffRequest, code: str, rule_id: int) -> HttpResponse:
    """Take a planned rule back, after a look at what that would do."""
    planned = _planned_rule(request, code, rule_id)
    if isinstance(planned, HttpResponse):
        return planned
    form, now = ReasonForm(request.POST or None), timezone.now()
    if form.is_valid():
        typed = form.cleaned_data
        try:
            editing.withdraw_rule(
                rule=planned,
                **typed,
                by=request.user,
                seen=request.POST.get(SEEN, ""),
                now=now,
                form=sending(request),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The planned rule is withdrawn. It will never hold."))
            return redirect("registration:group", code)
    context = {"rule": planned, "group": planned.group, "form": form, "seen": editing.version()}
    context["preview"] = preview.of_change(adds=None, removes=planned, now=now)
    return _show(request, "withdraw", context)


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_group(request: StaffRequest, code: str) -> HttpResponse:
    """Change what is said of a group."""
    found = get_object_or_404(PriorityGroup, pk=code)
    form = GroupForm(request.POST or None, group=found)
    if form.is_valid():
        try:
            editing.edit_group(
                group=found,
                text=form.text(),
                reason=form.cleaned_data["reason"],
                by=request.user,
                seen=request.POST.get(SEEN, ""),
                form=sending(request),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The texts of the group are saved. Everybody reads them from now on."))
            return redirect("registration:group", code)
    return _show(request, "texts", {"group": found, "form": form, "seen": editing.version_of_texts(found)})


@staff_who_may(RegistrationAct.EDIT_GROUP_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_group(request: StaffRequest) -> HttpResponse:
    """Add a group."""
    form = NewGroupForm(request.POST or None)
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("code", "basis", "reason")}
        try:
            added = editing.add_group(**typed, text=form.text(), by=request.user, form=sending(request))
        except DomainError as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("The group is added. Nobody belongs to it until you plan its first rule."))
            return redirect("registration:group", added.pk)
    return _show(request, "texts", {"form": form})


def _plan(
    request: StaffRequest, found: PriorityGroup, *, like: GroupRule | None, replaces: GroupRule | None
) -> HttpResponse:
    initial: dict[str, Any] = {name: getattr(like, name) for name in RuleText.names()} if like else {}
    initial["valid_from"] = replaces and replaces.valid_from
    form = RuleForm(request.POST or None, group=found, initial=initial)
    context: dict[str, Any] = {"group": found, "form": form, "replaces": replaces, "like": like}
    if not form.is_valid() or request.POST.get(STEP) == "edit":
        return _show(request, "plan", context | {"seen": request.POST.get(SEEN) or editing.version()})
    now, valid_from = timezone.now(), form.cleaned_data["valid_from"]
    try:
        if request.POST.get(STEP) == "save":
            editing.plan_rule(
                group=found,
                text=form.text(),
                valid_from=valid_from,
                reason=form.cleaned_data["reason"],
                by=request.user,
                seen=request.POST.get(SEEN, ""),
                now=now,
                replaces=replaces,
                form=sending(request),
            )
            if valid_from is None or valid_from <= now:
                messages.success(request, _("The rule holds from this moment on."))
            else:
                messages.success(request, _("The rule is saved. It takes effect by itself at its time."))
            return redirect("registration:group", found.pk)
        if editing.version() != request.POST.get(SEEN):
            raise RulesChanged
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, "plan", context | {"seen": editing.version()})
    drafted = editing.drafted(found, form.text(), valid_from=valid_from or now)
    context |= {
        "drafted": drafted,
        "is_at_once": valid_from is None,
        "preview": preview.of_change(adds=drafted, removes=replaces, now=now),
        "seen": editing.version(),
    }
    return _show(request, "preview", context)


def _planned_rule(request: StaffRequest, code: str, rule_id: int) -> GroupRule | HttpResponse:
    """The planned rule; where it holds already, or is gone, the page of the group says so."""
    found = get_object_or_404(PriorityGroup, pk=code)
    rule = GroupRule.objects.filter(group=found, pk=rule_id).select_related("group").first()
    if rule is None and not overview.was_withdrawn(rule_id, found):
        raise Http404
    if rule is None:
        messages.warning(request, _("This planned rule was withdrawn or replaced. Below is what is planned now."))
        return redirect("registration:group", code)
    if rule.valid_from <= timezone.now():
        messages.warning(request, _("This rule holds already. To change it, plan the next one."))
        return redirect("registration:group", code)
    return rule


def _show(request: StaffRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"registration/groups/{page}.html", {"now": timezone.now(), **context})
