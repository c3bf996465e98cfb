"""What the desk keeps for itself: prepared answers, saved views, and whether letters act as keys."""

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.sent_forms import once, sending
from logistics.staff import permissions
from logistics.staff.guards import staff_who_may
from support.desk import keyboard
from support.desk.forms import CannedAnswerForm, SavedViewForm
from support.desk.lists import views_of
from support.desk.pages import show
from support.models import CannedAnswer, SavedView
from support.permissions import SupportAct


@staff_who_may(SupportAct.EDIT_CANNED)
@require_safe
def canned_answers(request: StaffRequest) -> HttpResponse:
    """All prepared answers."""
    answers = CannedAnswer.objects.select_related("category").order_by("-is_active", "title__czech")
    return show(request, "canned_answers.html", {"answers": answers})


@staff_who_may(SupportAct.EDIT_CANNED)
@require_http_methods(["GET", "HEAD", "POST"])
def add_canned_answer(request: StaffRequest) -> HttpResponse:
    """Write a new prepared answer."""
    return _canned_answer(request, CannedAnswer())


@staff_who_may(SupportAct.EDIT_CANNED)
@require_http_methods(["GET", "HEAD", "POST"])
def canned_answer(request: StaffRequest, answer_id: int) -> HttpResponse:
    """Change a prepared answer, or offer it no more. Answers that went out with it stay as they are."""
    return _canned_answer(request, get_object_or_404(CannedAnswer, pk=answer_id))


def _canned_answer(request: StaffRequest, answer: CannedAnswer) -> HttpResponse:
    form = CannedAnswerForm(request.POST if request.method == "POST" else None, instance=answer)
    if form.is_valid():
        try:
            once(sending(request), lambda: {"answer": form.save().pk})
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        except IntegrityError:
            form.add_error("title", _("The help desk has an answer of this title already. Choose another title."))
        else:
            messages.success(request, _("The prepared answer is saved."))
            return redirect("support:canned_answers")
    return show(request, "canned_answer.html", {"form": form, "answer": answer})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_safe
def saved_views(request: StaffRequest) -> HttpResponse:
    """The user's saved views, and everybody's."""
    return show(request, "saved_views.html", {"views": views_of(request.user), "may_share": _may_share(request)})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def saved_view(request: StaffRequest, view_id: UUID) -> HttpResponse:
    """Rename a view of one's own, or remove it; a shared one is the lead's."""
    if "remove" in request.POST and not SavedView.objects.filter(pk=view_id).exists():
        return redirect("support:saved_views")  # the second of two clicks
    view = get_object_or_404(views_of(request.user), pk=view_id)
    if view.owner_id is None and not _may_share(request):
        raise Http404
    if "remove" in request.POST:
        view.delete()
        messages.success(request, _("The view is removed. The tickets in it stay."))
        return redirect("support:saved_views")
    form = SavedViewForm(request.POST if request.method == "POST" else None, instance=view)
    if form.is_valid():
        try:
            with transaction.atomic():
                form.save()
        except IntegrityError:
            form.add_error("name", _("You have a view of this name already. Choose another name."))
        else:
            messages.success(request, _("The view is saved."))
            return redirect("support:saved_views")
    return show(request, "saved_view.html", {"form": form, "view": view})


@staff_who_may(SupportAct.WORK_TICKETS)
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: StaffRequest) -> HttpResponse:
    """Which letters act on the pages of the desk, and their switch for this browser."""
    if request.method == "POST":
        response = redirect("support:keys")
        keyboard.switch(request, response, on=request.POST.get("keys") == "on")
        return response
    return show(request, "keys.html", {})


def _may_share(request: StaffRequest) -> bool:
    return SupportAct.EDIT_CANNED in permissions.acts_of(request.user)
