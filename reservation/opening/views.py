"""The pages of a site's opening rules: in words, and each change after a look at what it does and to whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.errors import DomainError
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site
from registration.people.looks import looked_at_all
from reservation.models import OpeningRule
from reservation.opening import plans, words
from reservation.opening import rules as operations
from reservation.opening.drafts import Draft, draft_of
from reservation.opening.errors import PeopleChanged
from reservation.opening.forms import EndForm, PeopleForm, RuleForm
from reservation.opening.plans import Change
from reservation.permissions import ReservationAct

STEP, SEEN = "step", "seen"
# More names are not read before a decision.
MOST_NAMES = 1000


@dataclass(frozen=True)
class RuleInWords:
    """A rule as its list shows it."""

    rule: OpeningRule
    hours: str
    seats: str
    shares: str
    ages: str
    is_over: bool


@at_site(ReservationAct.EDIT_RULES)
@require_safe
def rules(request: SiteRequest) -> HttpResponse:
    """By which rules the site opens, by vaccine; then those that are over."""
    today = timezone.localdate()
    found = OpeningRule.objects.filter(site=request.site.pk).select_related("vaccine", "made_by")
    lines = [_in_words(rule, today) for rule in found.prefetch_related("hours").order_by("vaccine", "valid_from", "pk")]
    open_now = [line for line in lines if not line.is_over]
    by_vaccine = [(vaccine, list(group)) for vaccine, group in groupby(open_now, key=lambda line: line.rule.vaccine)]
    over = sorted((line for line in lines if line.is_over), key=lambda line: line.rule.made_at, reverse=True)
    return _show(request, "rules", {"by_vaccine": by_vaccine, "over": over, "days_ahead": settings.CALENDAR_DAYS_AHEAD})


@at_site(ReservationAct.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def add_rule(request: SiteRequest) -> HttpResponse:
    """Open by another rule: a form, a look at what it does, and only then it is saved."""
    form = RuleForm(request.POST or None, site=request.site)
    return _edit(request, form, replaces=None)


@at_site(ReservationAct.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: SiteRequest, rule_id: int) -> HttpResponse:
    """Let another rule take the place of one from a day on."""
    rule = _rule(request, rule_id)
    if _is_too_late(request, rule):
        return _nothing_to_change(request)
    form = RuleForm(request.POST or None, site=request.site, replaced=draft_of(rule))
    return _edit(request, form, replaces=rule)


@at_site(ReservationAct.EDIT_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def end_rule(request: SiteRequest, rule_id: int) -> HttpResponse:
    """End a rule with a day, or at once."""
    rule = _rule(request, rule_id)
    if _is_too_late(request, rule):
        return _nothing_to_change(request)
    form = EndForm(request.POST or None)
    context = {"line": _in_words(rule, timezone.localdate())}
    if not form.is_valid() or request.POST.get(STEP) == "edit":
        return _show(request, "end", context | {"form": form})
    change = Change(request.site, replaces=rule, last_day=form.cleaned_data["last_day"])
    end = partial(operations.end, rule, last_day=change.last_day)
    asked = {"button": _("End the rule"), "last_day": change.last_day, "ends": True}
    return _preview(request, form, change, end, "end", context | asked)


def _edit(request: SiteRequest, form: RuleForm, *, replaces: OpeningRule | None) -> HttpResponse:
    line = replaces and _in_words(replaces, timezone.localdate())
    context = {"line": line}
    if not form.is_valid() or request.POST.get(STEP) == "edit":
        return _show(request, "edit", context | {"form": form})
    change = Change(request.site, form.draft(), replaces)
    save = partial(operations.save, request.site, form.draft(), replaces=replaces)
    drafted = OpeningRule(site=request.site, **form.draft().columns())
    asked = {"button": _("Save the rule"), "drafted": RuleInWords(drafted, *_words(form.draft()), is_over=False)}
    return _preview(request, form, change, save, "edit", context | asked)


def _preview(
    request: SiteRequest,
    form: forms.Form,
    change: Change,
    operation: Callable[..., object],
    page_of_form: str,
    context: dict[str, Any],
) -> HttpResponse:
    """Show what the change does, or make it where the button of the preview was pressed."""
    now, seen, is_saved = timezone.now(), request.POST.get(SEEN, ""), request.POST.get(STEP) == "save"
    people = PeopleForm(request.POST if is_saved and seen != plans.NOBODY else None)
    try:
        if is_saved and (people.is_valid() or seen == plans.NOBODY):
            hands_over = people.is_bound and people.cleaned_data["people"] == PeopleForm.HAND_OVER
            # It asks first whether this form was sent before: a second click is led to the outcome of the first.
            operation(by=request.user, now=now, hands_over=hands_over, seen=seen, form=sending(request))
            messages.success(request, _("The change is saved. New times appear within a minute."))
            return redirect("reservation:opening_rules", request.site.pk)
        operations.check(change, now=now)
    except PeopleChanged as refusal:
        people = PeopleForm()
        form.add_error(None, str(refusal))
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _show(request, page_of_form, context | {"form": form})
    plan = plans.plan(change, now=now)
    shown = plan.affected[:MOST_NAMES]
    looked_at = [one.reservation.registration.person for one in shown]
    looked_at_all(looked_at, user=request.user, page="reservation:opening_rules", now=timezone.now())
    more = len(plan.affected) - len(shown)
    notes = words.notes_on(plan)
    asked = {"form": form, "people_form": people, "plan": plan, "notes": notes, "people": shown, "more": more}
    return _show(request, "preview", context | asked)


def _rule(request: SiteRequest, rule_id: int) -> OpeningRule:
    rules_of_site = OpeningRule.objects.select_related("site", "vaccine").prefetch_related("hours")
    return get_object_or_404(rules_of_site, pk=rule_id, site=request.site.pk)


def _is_too_late(request: SiteRequest, rule: OpeningRule) -> bool:
    """Whether nothing is left to change. Whoever saves hears it from the operation, which knows a second click."""
    is_saved = request.POST.get(STEP) == "save"
    return not is_saved and (bool(rule.withdrawn_at) or _is_over(rule, timezone.localdate()))


def _nothing_to_change(request: SiteRequest) -> HttpResponse:
    messages.warning(request, _("This rule opens no day any more. Below is what holds now."))
    return redirect("reservation:opening_rules", request.site.pk)


def _in_words(rule: OpeningRule, today: date) -> RuleInWords:
    draft = draft_of(rule)
    return RuleInWords(rule, *_words(draft), is_over=bool(rule.withdrawn_at) or _is_over(rule, today))


def _words(draft: Draft) -> tuple[str, str, str, str]:
    hours, seats = words.hours_in_words(draft.hours), words.seats_in_words(draft)
    return hours, seats, words.shares_in_words(draft), words.ages_in_words(draft)


def _is_over(rule: OpeningRule, today: date) -> bool:
    return rule.valid_until is not None and rule.valid_until < today


def _show(request: SiteRequest, page: str, context: dict[str, Any]) -> HttpResponse:
    around = {"site": request.site, "tab": "rules", "now": timezone.now()}
    return render(request, f"reservation/opening/{page}.html", {**around, **context})
