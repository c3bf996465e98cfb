"""Lists of tickets, and the search for one."""

from typing import Any, cast

from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.paging import Paginator
from crs.sent_forms import Outcome, once, sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from registration.people import insured_number, persons
from registration.people.errors import InvalidInsuredNumber
from support.desk import lists
from support.desk.forms import (
    FilterForm,
    InsuredNumberForm,
    SavedViewForm,
    WordsForm,
    is_written_as_number,
    key_of_number,
)
from support.desk.pages import LIST, show
from support.models import Look, SavedView, Ticket
from support.permissions import SupportAct
from support.privacy.looks import looked
from support.tickets import saved_views, visible, words

# In the session: the words that were looked for, which no address holds.
WORDS = "support_search"


@staff_who_may(SupportAct.WORK_TICKETS)
@require_safe
def desk(request: StaffRequest) -> HttpResponse:
    """The tickets of one list, a page at a time."""
    asked, now = request.GET, timezone.now()
    which = lists.chosen(request.user, key=asked.get("pohled", ""), asked=FilterForm(asked).chosen())
    tickets = lists.tickets_of(which, user=request.user, now=now)
    text = request.session.get(WORDS, "") if which.key == lists.FOUND else ""
    if which.key == lists.FOUND:
        tickets = words.find(tickets, text) if text else tickets.none()
    address = f"{reverse('support:desk')}?{_query(which, asked.get('strana', ''))}"
    if request.session.get(LIST) != address:
        request.session[LIST] = address
    return _show(request, which, tickets, asked.get("strana"), text=text)


@sensitive_post_parameters()
@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: StaffRequest) -> HttpResponse:
    """Look for words; the number of a ticket leads to it at once."""
    form = WordsForm(request.POST)
    if request.method == "POST" and form.errors:
        for refusal in form.errors["text"]:
            messages.error(request, str(refusal))
    if request.method != "POST" or not form.is_valid() or not form.cleaned_data["text"]:
        return redirect("support:desk")
    text = form.cleaned_data["text"]
    key = key_of_number(text)
    if key and visible.tickets_for(request.user).filter(pk=key).exists():
        return redirect("support:ticket", key)
    if key and is_written_as_number(text):
        messages.error(request, _("This ticket does not exist, or you do not see it."))
    request.session[WORDS] = text
    return redirect(f"{reverse('support:desk')}?pohled={lists.FOUND}")


@sensitive_post_parameters()
@staff_who_may(SupportAct.SEE_NUMBERS)
@require_http_methods(["GET", "HEAD", "POST"])
def search_number(request: StaffRequest) -> HttpResponse:
    """Look for an insured number; each search is logged. The number is in no address and in no session."""
    form = InsuredNumberForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        now = timezone.now()
        try:
            digits = insured_number.parse(form.cleaned_data["insured_number"], today=timezone.localdate(now)).digits
        except InvalidInsuredNumber as refusal:
            form.add_error("insured_number", str(refusal))
        else:
            person = persons.of_insured_number(digits).first()
            looked(Look.What.SEARCH, by=request.user, now=now, person=person)
            found = lists.of_insured_number(digits, user=request.user)[: lists.ON_A_PAGE]
            context |= {"lines": lists.lines(found, now=now), "was_asked": True}
    return show(request, "search_number.html", context)


@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def save_view(request: StaffRequest) -> HttpResponse:
    """Keep the list that is shown under a name, for oneself or, by the lead, for everybody."""
    asked = request.POST if request.method == "POST" else request.GET
    which = lists.chosen(request.user, key=asked.get("pohled", ""), asked=FilterForm(asked).chosen())
    context = {"which": which, "may_share": SupportAct.EDIT_CANNED in permissions.acts_of(request.user)}
    form = SavedViewForm(request.POST if request.method == "POST" else None)
    if which.can_be_saved and form.is_valid():
        view: SavedView = form.save(commit=False)
        view.owner = None if context["may_share"] and "shared" in request.POST else request.user
        view.filters = saved_views.to_json(which.filters)

        def operation() -> Outcome:
            view.save()
            return {"view": str(view.pk)}

        try:
            kept = once(sending(request), operation) or {}
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        except IntegrityError:
            form.add_error("name", _("You have a view of this name already. Choose another name."))
        else:
            messages.success(request, _("The view is saved."))
            return redirect(f"{reverse('support:desk')}?pohled={kept['view']}")
    return show(request, "save_view.html", {"form": form, "filters": FilterForm(initial={**which.asked}), **context})


def _show(
    request: StaffRequest, which: lists.Chosen, tickets: QuerySet[Ticket], page: str | None, *, text: str
) -> HttpResponse:
    now = timezone.now()
    shown = Paginator(tickets, lists.ON_A_PAGE).get_page(page)
    of_page = cast("QuerySet[Ticket]", shown.object_list)
    context = {
        "which": which,
        "query": _query(which, ""),
        "page": shown,
        "lines": lists.lines(of_page, now=now),
        "tabs": lists.tabs(request.user, which.key, now=now),
        "filters": FilterForm(initial={**which.asked}),
        "words": WordsForm(initial={"text": text}),
        "text": text,
    }
    return show(request, "desk.html", context)


def _query(which: lists.Chosen, page: str) -> str:
    """The list as an address asks for it."""
    asked = QueryDict(mutable=True)
    for name, value in (("pohled", which.key), *which.asked.items(), ("strana", page)):
        if value:
            asked[name] = str(value)
    return asked.urlencode()
