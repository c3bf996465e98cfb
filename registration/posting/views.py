"""The letters of the day: batches to print and to post, and letters that came back."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
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
from crs.paging import Paginator
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may
from registration.models import Registration
from registration.people.looks import looked_at_all, write_down
from registration.permissions import RegistrationAct
from registration.posting.forms import PostedForm, PrintForm, ReturnedForm

BATCHES_ON_A_PAGE = 30
RETURNED_ON_A_PAGE = 30
# What the log of lists says of a file of letters: it has no reason but the letters themselves.
LETTERS = "Letters to be posted"
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
    form, now = PrintForm(request.POST), timezone.now()
    again = form.is_valid() and form.cleaned_data["again"]
    found = letters.to_print(batch_id)
    # Before the letters count as printed: where there is no file, nothing was printed.
    file = letter_paper.letters_pdf(found) if found else b""
    try:
        with transaction.atomic():
            letters.take_file(
                batch_id=batch_id, laid_out=found, by=request.user, again=again, now=now, form=sending(request)
            )
            write_down(what=f"letters, batch {batch_id}", rows=len(found), reason=LETTERS, by=request.user, now=now)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, batch_id, form)
    return pdf_response(file, f"dopisy-{batch_id}.pdf")


@staff_who_may(RegistrationAct.POST_LETTERS)
@require_POST
def post_batch(request: StaffRequest, batch_id: int) -> HttpResponse:
    """The batch went to the post office."""
    get_object_or_404(LetterBatch, pk=batch_id)
    form = PostedForm(request.POST)
    if not form.is_valid():
        return _page(request, batch_id, form)
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
    """The post could not deliver a letter: show whose it is, and mark it once that was confirmed."""
    form = ReturnedForm(request.POST)
    if not form.is_valid():
        return _list(request, form)
    number = form.cleaned_data["number"]
    try:
        if not form.cleaned_data["is_seen"]:
            return _confirm_returned(request, letters.posted(number))
        letter = letters.mark_returned(number=number, by=request.user)
    except DomainError as refusal:
        form.add_error("number", str(refusal))
        return _list(request, form)
    messages.success(request, _("Letter %(number)s is marked as returned.") % {"number": letter.pk})
    return redirect("registration:letters")


def _confirm_returned(request: StaffRequest, letter: Message) -> HttpResponse:
    owner = Registration.objects.select_related("person").filter(number=letter.owner).first()
    if owner is not None:
        looked_at_all([owner.person], user=request.user, page="registration:letter_returned", now=timezone.now())
    return render(request, "registration/posting/returned.html", {"letter": letter, "owner": owner})


def _list(request: StaffRequest, form: ReturnedForm) -> HttpResponse:
    batches = _counted().order_by("-pk")
    returned = Paginator(letters.returned().select_related("returned_by"), RETURNED_ON_A_PAGE)
    returned_page = returned.get_page(request.GET.get("vracene"))
    owners = Registration.objects.filter(number__in=[one.owner for one in returned_page if one.owner])
    keys = dict(owners.values_list("number", "pk"))
    context = {
        "page": Paginator(batches, BATCHES_ON_A_PAGE).get_page(request.GET.get("strana")),
        "waiting": letters.waiting(timezone.now()).count(),
        "returned": [(one, keys.get(one.owner)) for one in returned_page],
        "returned_page": returned_page,
        "form": form,
    }
    return render(request, "registration/posting/batches.html", context)


def _page(request: StaffRequest, batch_id: int, form: PrintForm | PostedForm) -> HttpResponse:
    counted = _counted().annotate(left=Count("letters", filter=_LEFT))
    context = {
        "batch": get_object_or_404(counted, pk=batch_id),
        "form": form,
        "print_form": form if isinstance(form, PrintForm) else PrintForm(),
        "posted_form": form if isinstance(form, PostedForm) else PostedForm(),
        "void": letters.printed_in_vain(batch_id),
    }
    return render(request, "registration/posting/batch.html", context)


def _counted() -> QuerySet[LetterBatch]:
    return LetterBatch.objects.select_related("printed_by", "posted_by").annotate(
        count=Count("letters", filter=~Q(letters__state=Message.State.CANCELLED))
    )
