"""What staff of a site do with somebody's certificates; each is one form with one outcome."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef

from certificates.desk.errors import NoCertificateToRevoke
from certificates.issuing import issuing, requests
from certificates.issuing.errors import DoseNotValid
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from certificates.operations import Operation
from certificates.revocation import revoking
from crs import history, sent_forms
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from registration import at_a_site
from registration.models import Registration
from vaccination.models import Dose

# Each asks a few questions of the database; a big day is asked for in several steps.
MOST_ASKED_AT_ONCE = 200


def issue(*, dose: Dose, site: VaccinationSite, context: EntryContext) -> Certificate:
    """The living certificate of the dose; one is asked for and issued at once where there is none.

    Raises DoseNotValid, NoSigner, an ObstacleError, RequestHeld, RequestRejected, NotIssuedNow.
    """
    living = Certificate.objects.living().filter(dose=dose).first()
    return living or _issued_at_once(dose, Cause.REQUESTED, site, context)


def issue_anew(*, dose: Dose, site: VaccinationSite, reason: str, context: EntryContext) -> Certificate:
    """Issue another certificate of the dose; the one before is revoked. Raises as `issue` does."""
    living = Certificate.objects.living().filter(dose=dose).first()
    with history.recording(Operation.ASK, by=context.by, reason=reason):
        return _issued_at_once(dose, Cause.RENEWED, site, context, instead_of=living)


def ask_for(doses: Iterable[UUID], *, site: VaccinationSite, context: EntryContext) -> int:
    """Ask for certificates of those doses that have none and for which nobody asks; returns of how many.

    They are issued by the worker; at most `MOST_ASKED_AT_ONCE`.
    """

    def ask() -> Outcome:
        found = Dose.objects.valid().filter(pk__in=list(doses)).exclude(_has_living()).exclude(_is_asked_for())
        asked = list(found.select_related("vaccine", "person").order_by("given_at", "pk")[:MOST_ASKED_AT_ONCE])
        for dose in asked:
            cause = Cause.REQUESTED
            requests.ask(dose=dose, cause=cause, by=context.by, site=site, now=context.now, is_to_be_sent=False)
        return {"asked": len(asked)}

    outcome = sent_forms.once(context.form, ask) or {}
    return int(outcome["asked"])


def revoke(*, certificate: Certificate, why: Certificate.Revocation, note: str, context: EntryContext) -> None:
    """Revoke a living certificate; no verifier takes it any more. Raises NoCertificateToRevoke."""

    def write() -> Outcome:
        living = Certificate.objects.living().filter(pk=certificate.pk)
        if not revoking.revoke(certificates=living, why=why, note=note, by=context.by, now=context.now):
            raise NoCertificateToRevoke
        return {"revoked": str(certificate.pk)}

    sent_forms.once(context.form, write)


def spell(*, registration: Registration, first_name: str, last_name: str, context: EntryContext) -> int:
    """Keep the name as the travel document spells it, and let requests that waited for it go on; returns how many.

    Raises SpellingNeedsLatinLetters.
    """

    def write() -> Outcome:
        person = at_a_site.spell_in_latin(
            registration=registration, first_name=first_name, last_name=last_name, by=context.by
        )
        return {"going_on": requests.retry_blocked(person)}

    outcome = sent_forms.once(context.form, write) or {}
    return int(outcome["going_on"])


def _issued_at_once(
    dose: Dose,
    cause: Cause,
    site: VaccinationSite,
    context: EntryContext,
    instead_of: Certificate | None = None,
) -> Certificate:
    request = requests.ask(
        dose=dose,
        cause=cause,
        by=context.by,
        site=site,
        now=context.now,
        is_to_be_sent=False,
        form=context.form,
        instead_of=instead_of,
    )
    certificate = issuing.issue(request=request, now=context.now)
    if certificate is None:  # annulled a moment ago
        raise DoseNotValid
    return certificate


def _has_living() -> Exists:
    return Exists(Certificate.objects.living().filter(dose=OuterRef("pk")))


def _is_asked_for() -> Exists:
    return Exists(IssueRequest.objects.open().filter(dose=OuterRef("pk")))
