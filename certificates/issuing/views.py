"""What an unusual burst holds, and the ministry's decision about it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from certificates.issuing import bursts
from certificates.issuing.errors import NothingHeld
from certificates.issuing.forms import DecisionForm
from certificates.permissions import CertificateAct
from crs.accounts.guards import StaffRequest
from crs.sent_forms import sending
from logistics.staff.guards import staff_who_may


@staff_who_may(CertificateAct.DECIDE_HELD)
@require_safe
def held(request: StaffRequest) -> HttpResponse:
    """List what is held by issuer, site and hour."""
    return render(request, "certificates/issuing/held.html", {"bursts": bursts.bursts()})


@staff_who_may(CertificateAct.DECIDE_HELD)
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: StaffRequest, request_id: int) -> HttpResponse:
    """Release or reject the burst whose newest held request this is."""
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        is_release = form.cleaned_data["decision"] == "release"
        act = bursts.release if is_release else bursts.reject
        try:
            count = act(
                request_id=request_id,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.now(),
                form=sending(request),
            )
        except NothingHeld as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _told(count, is_release=is_release))
        return redirect("certificates:held")
    burst = bursts.burst(request_id)
    if burst is None:
        messages.warning(request, str(NothingHeld()))
        return redirect("certificates:held")
    return render(
        request, "certificates/issuing/decide.html", {"burst": burst, "requests": bursts.held_of(burst), "form": form}
    )


def _told(count: int, *, is_release: bool) -> str:
    if is_release:
        return ngettext(
            "%(count)d certificate is released. It is issued in a few minutes.",
            "%(count)d certificates are released. They are issued in a few minutes.",
            count,
        ) % {"count": count}
    return ngettext(
        "%(count)d certificate is rejected. It will not be issued.",
        "%(count)d certificates are rejected. They will not be issued.",
        count,
    ) % {"count": count}
