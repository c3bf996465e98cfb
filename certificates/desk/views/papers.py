"""What is done with one certificate: print it, issue one, send it, revoke it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from certificates.delivery import password_keeping, recipients
from certificates.delivery.contact import correct_and_send
from certificates.desk import counter, people, person_certificates
from certificates.desk.forms import AnewForm, RevokeForm, SendForm
from certificates.desk.person_certificates import Standing
from certificates.models import Certificate, Delivery
from certificates.paper.certificate_pdf import certificate_pdf
from certificates.paper.password_paper import password_pdf
from certificates.permissions import CertificateAct
from crs.errors import DomainError
from crs.pdf.decorators import prints
from crs.pdf.responses import pdf_response
from logistics.staff.guards import SiteRequest, at_site
from registration.models import Registration
from registration.people.persons import standing_for
from vaccination.pages import done, entry_context, posted, show

_LATER = gettext_lazy("The certificate is issued. It can be printed later from the page of the person.")


@at_site(CertificateAct.PRINT_CERTIFICATES)
@require_GET
@prints(meanwhile=_LATER)
def print_certificate(request: SiteRequest, certificate_id: UUID) -> HttpResponse:
    """The paper of a living certificate, to be printed at once; the page of the person where it was revoked."""
    certificate, registration = people.certificate_or_404(request.site, certificate_id)
    if certificate.state != Certificate.State.VALID:
        messages.warning(request, _("This certificate is not valid any more. Below is what holds now."))
        return _to_person(request, registration)
    return pdf_response(certificate_pdf(certificate), "certifikat.pdf")


@at_site(CertificateAct.ISSUE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def issue_and_print(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Issue a certificate of the dose, if it has none; the page of the person then has its paper, or says why not.

    It does not lead to the paper itself: a browser that saves papers would stay on a page that offers to issue it.
    """
    dose, registration = people.dose_or_404(request.site, dose_id)
    if request.method == "GET":  # reloaded, or the language was switched
        return _to_person(request, registration)
    try:
        counter.issue(dose=dose, site=request.site, context=entry_context(request))
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The certificate is issued. Print it now, or send it by e-mail."))
    return _to_person(request, registration)


@at_site(CertificateAct.ISSUE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def issue_anew(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Issue another certificate instead of the living one, with a reason."""
    dose, registration = people.dose_or_404(request.site, dose_id)
    form = AnewForm(posted(request))
    if done(
        form,
        lambda: counter.issue_anew(dose=dose, site=request.site, context=entry_context(request), **form.cleaned_data),
    ):
        messages.success(request, _("Another certificate is issued. The one before is not valid any more."))
        return _to_person(request, registration)
    found = person_certificates.of_dose(dose, now=timezone.now())
    return _form(request, "issue_anew", form, registration, found=found, dose=dose)


@at_site(CertificateAct.REVOKE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def give_back(request: SiteRequest, dose_id: UUID) -> HttpResponse:
    """Issue a certificate again after one was revoked by hand or rejected, with a reason."""
    dose, registration = people.dose_or_404(request.site, dose_id)
    found = person_certificates.of_dose(dose, now=timezone.now())
    if request.method == "GET" and found.standing != Standing.TAKEN_AWAY:
        return _to_person(request, registration)  # the second of two clicks, or an old tab
    form = AnewForm(posted(request))
    if done(
        form,
        lambda: counter.give_back(dose=dose, site=request.site, context=entry_context(request), **form.cleaned_data),
    ):
        messages.success(request, _("A certificate is issued again."))
        return _to_person(request, registration)
    return _form(request, "issue_anew", form, registration, found=found, dose=dose)


@at_site(CertificateAct.SEND_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def send(request: SiteRequest, certificate_id: UUID) -> HttpResponse:
    """Send the certificate to the e-mail and telephone on the form, which are kept as the person's contact."""
    certificate, registration = people.certificate_or_404(request.site, certificate_id)
    if request.method == "GET" and certificate.state != Certificate.State.VALID:
        return _to_person(request, registration)  # an old tab
    contact = recipients.registration_of(certificate) or registration
    form = SendForm(posted(request), known_phone=str(contact.phone), initial={"email": contact.email})
    way = Delivery.PasswordWay.PAPER if request.POST.get("heslo") == "papir" else None
    made: list[Delivery] = []

    def operation() -> None:
        typed = {"email": form.cleaned_data["email"], "phone": form.cleaned_data["phone"]}
        entry = entry_context(request)
        made.append(
            correct_and_send(certificate=certificate, by=entry.by, now=entry.now, form=entry.form, way=way, **typed)
        )

    if done(form, operation):
        messages.success(request, _sent(made[0]))
        return _to_person(request, registration)
    deliveries = person_certificates.deliveries_of([certificate], now=timezone.now())
    return _form(request, "send", form, registration, certificate=certificate, deliveries=deliveries)


@at_site(CertificateAct.SEND_CERTIFICATES)
@require_http_methods(["GET", "POST"])
@prints()
def print_password(request: SiteRequest, delivery_id: UUID) -> HttpResponse:
    """The password of a delivery on paper, for somebody without a telephone; who printed it is written down."""
    delivery = get_object_or_404(Delivery, pk=delivery_id)
    certificate, registration = people.certificate_or_404(request.site, delivery.certificate_id)
    if request.method == "GET":
        return _to_person(request, registration)
    entry = entry_context(request)
    try:
        password = password_keeping.password_for_paper(delivery=delivery, by=entry.by, now=entry.now)
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        return _to_person(request, registration)
    return pdf_response(password_pdf(certificate, password), "heslo.pdf")


@at_site(CertificateAct.REVOKE_CERTIFICATES)
@require_http_methods(["GET", "POST"])
def revoke(request: SiteRequest, certificate_id: UUID) -> HttpResponse:
    """Revoke a certificate, with a reason."""
    certificate, registration = people.certificate_or_404(request.site, certificate_id)
    if request.method == "GET" and certificate.state != Certificate.State.VALID:
        return _to_person(request, registration)  # the second of two clicks, or an old tab
    form = RevokeForm(posted(request))

    def operation() -> None:
        why, note = Certificate.Revocation(form.cleaned_data["why"]), form.cleaned_data["note"]
        counter.revoke(certificate=certificate, why=why, note=note, context=entry_context(request))

    if done(form, operation):
        messages.success(request, _("The certificate is revoked. Whoever checks it reads so within minutes."))
        return _to_person(request, registration)
    return _form(request, "revoke", form, registration, certificate=certificate, dose=certificate.dose)


def _sent(delivery: Delivery) -> str:
    """What happens now, to be read out to the person."""
    if delivery.password_way == Delivery.PasswordWay.PAPER:
        return _("The certificate goes out by e-mail. Print the password below and hand it to the person.")
    return _("The certificate goes out by e-mail, and its password by SMS.")


def _to_person(request: SiteRequest, registration: Registration) -> HttpResponse:
    return redirect("certificates:person", request.site.pk, registration.pk)


def _form(request: SiteRequest, page: str, form: object, registration: Registration, **context: object) -> HttpResponse:
    who = standing_for(registration.person)
    shown = {"form": form, "registration": registration, "person": who, **context}
    return show(request, f"desk/{page}.html", shown, room="certificates")
