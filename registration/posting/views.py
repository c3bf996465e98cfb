"""The letters of the day: batches to print and to post, and letters that came back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from crs.accounts.guards import StaffRequest
from crs.errors import DomainError
from crs.messaging import letter_paper, letters
from crs.messaging.models import LetterBatch, Message
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.permissions import RegistrationAct
from registration.posting.forms import PrintForm, ReturnedForm

BATCHES_ON_A_PAGE = 30
RETURNED_SHOWN = 30
_LEFT = Q(letters__state__in=[Message.State.QUEUED, Message.State.PRINTED])


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_safe
def batches(request: StaffRequest) -> HttpResponse:
    """List the batches, the newest first, what waits for the next one, and what came back."""
    return _list(request, ReturnedForm())


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_POST
def gather(request: StaffRequest) -> HttpResponse:
    """Make batches of what waits, without waiting for the morning."""
    made = letters.gather(now=timezone.now())
    if made:
        told = ngettext(
            "%(count)d batch is ready to be printed.", "%(count)d batches are ready to be printed.", len(made)
        )
        messages.success(request, told % {"count": len(made)})
    else:
        messages.info(request, _("No letter waits."))
    return redirect("registration:letters")


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_safe
def batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """One batch, and what is to be done with it next."""
    return _page(request, batch_id, PrintForm())


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_POST
@prints(meanwhile=gettext_lazy("The batch waits here. Press the button once more in a moment."))
def print_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The file of the batch; from now on its letters count as printed."""
    get_object_or_404(LetterBatch, pk=batch_id)
    form = PrintForm(request.POST)
    again = form.is_valid() and form.cleaned_data["again"]
    try:
        found = letters.take_file(
            batch_id=batch_id, by=request.user, again=again, now=timezone.now(), form=sending(request)
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, batch_id, form)
    return pdf_response(letter_paper.letters_pdf(found), f"dopisy-{batch_id}.pdf")


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_POST
def post_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The batch went to the post office."""
    get_object_or_404(LetterBatch, pk=batch_id)
    try:
        count = letters.post(batch_id=batch_id, by=request.user, now=timezone.now())
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        told = ngettext("%(count)d letter is marked as posted.", "%(count)d letters are marked as posted.", count)
        messages.success(request, told % {"count": count})
    return redirect("registration:letter_batch", batch_id)


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_POST
def mark_returned(request: StaffRequest) -> HttpResponse:
    """The post could not deliver a letter."""
    form = ReturnedForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    try:
        letter = letters.mark_returned(number=form.cleaned_data["number"])
    except DomainError as refusal:
        form.add_error("number", str(refusal))
        return _list(request, form)
    messages.success(request, _("Letter %(number)s is marked as returned.") % {"number": letter.pk})
    return redirect("registration:letters")


def _list(request: StaffRequest, form: ReturnedForm) -> HttpResponse:
    counted = LetterBatch.objects.select_related("printed_by", "posted_by").annotate(
        count=Count("letters", filter=~Q(letters__state=Message.State.CANCELLED))
    )
    context = {
        "page": Paginator(counted.order_by("-pk"), BATCHES_ON_A_PAGE).get_page(request.GET.get("strana")),
        "waiting": letters.waiting(timezone.now()).count(),
        "returned": letters.returned()[:RETURNED_SHOWN],
        "form": form,
    }
    return render(request, "registration/posting/batches.html", context)


def _page(request: StaffRequest, batch_id: int, form: PrintForm) -> HttpResponse:
    counted = LetterBatch.objects.select_related("printed_by", "posted_by").annotate(
        count=Count("letters", filter=~Q(letters__state=Message.State.CANCELLED)),
        left=Count("letters", filter=_LEFT),
    )
    found = get_object_or_404(counted, pk=batch_id)
    return render(request, "registration/posting/batch.html", {"batch": found, "form": form})
