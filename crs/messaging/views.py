"""The local inbox, and what Twilio tells us about an SMS it took."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from twilio.request_validator import RequestValidator

from crs.messaging import callbacks, inbox
from crs.messaging.models import Attachment, Message
from crs.paging import Paginator

P = ParamSpec("P")

# https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
# Statuses after which nothing more is to come; all others say only that the SMS is on its way.
_FINAL = {
    "delivered": Message.State.DELIVERED,
    "failed": Message.State.FAILED,
    "undelivered": Message.State.FAILED,
}


def only_while_open(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """The local inbox shows PINs: where messages really are sent, it does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.INBOX_IS_OPEN:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@never_cache
@only_while_open
def show_inbox(request: HttpRequest) -> HttpResponse:
    """Everything that would have been sent, newest first; `?to=` narrows it to one recipient."""
    recipient = request.GET.get("to", "")
    page = Paginator(inbox.letters(recipient=recipient), inbox.PAGE_SIZE).get_page(request.GET.get("page"))
    letters = [inbox.opened(message) for message in page]
    return render(request, "messaging/inbox.html", {"page": page, "letters": letters, "to": recipient.strip()})


@require_GET
@never_cache
@only_while_open
def show_attachment(request: HttpRequest, message_id: int, name: str) -> HttpResponse:
    """A file of an e-mail, to be saved and never shown within the portal."""
    attachment = get_object_or_404(Attachment, message_id=message_id, name=name)
    return HttpResponse(
        bytes(attachment.content),
        content_type=attachment.content_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=attachment.name) or "",
            "X-Content-Type-Options": "nosniff",
        },
    )


@csrf_exempt  # Twilio has no cookie of ours; its signature stands for it
@require_POST
def twilio_status(request: HttpRequest) -> HttpResponse:
    """Twilio's report about an SMS. Answers 204 also for one we do not know, so that Twilio lets it be."""
    if not settings.TWILIO_ACCOUNT_SID:
        raise Http404
    # The signature covers the address as Twilio knows it, which a proxy may have changed on the way.
    address = settings.PUBLIC_URL + reverse("messaging:twilio_status")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, request.POST, signature):
        return HttpResponseForbidden("wrong signature", content_type="text/plain")
    status, code = request.POST.get("MessageStatus", ""), request.POST.get("ErrorCode", "-")
    state = _FINAL.get(status)
    if state is not None:
        error = f"Twilio {code[:10]}: {status}" if state == Message.State.FAILED else ""
        provider_id = request.POST.get("MessageSid", "")[:64]
        callbacks.record(provider_id=provider_id, state=state, error=error, now=timezone.now())
    return HttpResponse(status=204)
