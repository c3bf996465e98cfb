"""The questions before a dose: at home in the session of PIN2, and at the site."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crs.errors import FormChanged
from crs.sent_forms import sending
from logistics.staff.guards import SiteRequest, at_site
from logistics.stock.ledger import EntryContext
from reservation.walk.session import InvitedRequest, invited
from vaccination.models import AnswerEffect, Dose, FilledQuestionnaire, Visit
from vaccination.models.questions import Answer
from vaccination.pages import entry_context, show
from vaccination.permissions import VaccinationAct
from vaccination.questions import answers as operations
from vaccination.questions.answers import Answered, Effect
from vaccination.questions.errors import AnswersChanged, NothingReserved, QuestionsChanged, QuestionsError
from vaccination.questions.forms import QuestionsForm

# The question whose answer the record of doses knows (migrations/0002_questions.py).
VACCINATED_BEFORE = "vaccinated"
ASK_AGAIN = "znovu"


@invited
@require_http_methods(["GET", "POST"])
def home_questions(request: InvitedRequest) -> HttpResponse:
    """The questions at home, before the person's next dose; they may be changed until the check-in."""
    registration = request.registration
    try:
        appointment = operations.appointment_to_come(registration)
    except NothingReserved as refusal:
        messages.info(request, str(refusal))
        return redirect("reservation:confirmed")
    questionnaire = operations.valid_on(timezone.localdate())
    filled = operations.at_home(registration, dose_number=appointment.dose_number)
    form = QuestionsForm(
        request.POST if request.method == "POST" else None,
        questionnaire=questionnaire,
        given=operations.read(filled) if filled else None,
    )
    if form.is_valid():
        try:
            operations.fill_at_home(
                registration=registration,
                questionnaire=questionnaire,
                answers=form.answers(),
                context=EntryContext(by=None, now=timezone.now(), form=sending(request)),
            )
        except (QuestionsChanged, FormChanged) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("Thank you, your answers are saved. The doctor will go through them with you at the site.")
            )
            return redirect("vaccination:home_questions")
    is_here = Visit.objects.present().filter(registration=registration).exists()
    context = {"form": form, "filled": filled, "appointment": appointment, "is_here": is_here}
    return render(request, "vaccination/questions/home.html", context)


@at_site(VaccinationAct.ASK_QUESTIONS)
@require_http_methods(["GET", "POST"])
def questions(request: SiteRequest, visit_id: UUID) -> HttpResponse:
    """The questions of somebody who is here: confirmed as they came from home, or asked; then what they mean."""
    rows = Visit.objects.select_related("registration__person", "appointment__slot__vaccine")
    visit = get_object_or_404(rows, pk=visit_id, site=request.site)
    filled = operations.latest(visit)
    is_over = operations.is_confirmed(filled, visit) and ASK_AGAIN not in request.GET
    if request.method == "GET" and (is_over or visit.state != Visit.State.ARRIVED):
        return _result(request, visit, filled)
    form = _form(request, visit, filled, is_sent=request.method == "POST")
    if form.is_valid():
        try:
            operations.settle(
                visit=visit,
                shown=form.cleaned_data["shown"],
                questionnaire=form.questionnaire,
                answers=form.answers(),
                context=entry_context(request),
            )
        except AnswersChanged as refusal:
            filled = operations.latest(visit)
            form = _form(request, visit, filled)
            messages.error(request, str(refusal))
        except (QuestionsError, FormChanged) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("vaccination:questions", request.site.pk, visit.pk)
    context = {
        "form": form,
        "visit": visit,
        "filled": filled,
        "is_home": filled is not None and not filled.filled_by_id,
    }
    return show(request, "questions/ask.html", context)


def _form(
    request: SiteRequest, visit: Visit, filled: FilledQuestionnaire | None, *, is_sent: bool = False
) -> QuestionsForm:
    given = operations.read(filled) if filled else {}
    if Dose.objects.valid().of(visit.registration.person).exists():
        given.setdefault(VACCINATED_BEFORE, Answered(Answer.YES))
    return QuestionsForm(
        request.POST if is_sent else None,
        questionnaire=operations.valid_on(visit.day),
        given=given,
        effects={effect.question.code: effect for effect in _effects(visit, filled)},
        is_staff=True,
        initial={"shown": operations.stamp(filled)},
    )


def _result(request: SiteRequest, visit: Visit, filled: FilledQuestionnaire | None) -> HttpResponse:
    effects = _effects(visit, filled)
    context = {
        "visit": visit,
        "filled": filled,
        "effects": effects,
        "is_stopped": any(effect.kind == AnswerEffect.Kind.STOP for effect in effects),
        "minutes": max((effect.observe_minutes or 0 for effect in effects), default=0),
        "said": _said(filled) if filled else [],
        "is_waiting": visit.state == Visit.State.ARRIVED,
    }
    return show(request, "questions/result.html", context)


def _effects(visit: Visit, filled: FilledQuestionnaire | None) -> list[Effect]:
    """The effects of the answers on the appointment's vaccine; recording a dose asks again for the one in the vial."""
    if filled is None:
        return []
    return operations.effects(filled, vaccine=visit.appointment.slot.vaccine, day=visit.day)


def _said(filled: FilledQuestionnaire) -> list[tuple[str, Answered]]:
    given = operations.read(filled)
    return [(one.text, given[one.code]) for one in filled.questionnaire.questions.all() if one.code in given]
