"""What staff of a site do with somebody's certificates; each is one form with one outcome."""

from collections.abc import Iterable
from uuid import UUID

from certificates.desk.errors import NoCertificateToRevoke
from certificates.issuing import issuing, requests
from certificates.issuing.errors import DoseNotValid
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause, IssueRequestQuerySet
from certificates.operations import Operation
from certificates.revocation import revoking
from crs import history, sent_forms
from crs.sent_forms import Outcome
from logistics.models import VaccinationSite
from logistics.stock.ledger import EntryContext
from registration.applying import at_a_site
from registration.models import Person, Registration
from registration.people.persons import standing_for
from vaccination.models import Dose

# A big day is asked for in several steps: their persons are locked together.
MOST_ASKED_AT_ONCE = 200


def issue(*, dose: Dose, site: VaccinationSite, context: EntryContext) -> Certificate:
    """The living certificate of the dose; one is asked for and issued at once where there is none, or it has expired.

    Raises DoseNotValid, TakenAway, NoSigner, an ObstacleError, RequestHeld, RequestRejected, NotIssuedNow.
    """
    living = Certificate.objects.living().filter(dose=dose).first()
    if living is not None and not living.has_expired(context.now):
        return living
    return _issued_at_once(dose, Cause.REQUESTED, site, context)


def issue_anew(*, dose: Dose, site: VaccinationSite, reason: str, context: EntryContext) -> Certificate:
    """Issue another certificate of the dose; the one before is revoked. Raises as `issue` does."""
    living = Certificate.objects.living().filter(dose=dose).first()
    with history.recording(Operation.ASK, by=context.by, reason=reason):
        return _issued_at_once(dose, Cause.RENEWED, site, context, instead_of=living)


def give_back(*, dose: Dose, site: VaccinationSite, reason: str, context: EntryContext) -> Certificate:
    """Issue a certificate again after one was revoked by hand, or its request rejected. Raises as `issue` does."""
    with history.recording(Operation.ASK, by=context.by, reason=reason):
        return _issued_at_once(dose, Cause.REQUESTED, site, context, is_given_back=True)


def ask_for(doses: Iterable[UUID], *, site: VaccinationSite, context: EntryContext) -> int:
    """Ask for certificates of those doses that have none and for which nobody asks; returns of how many.

    They are issued by the worker; the first `MOST_ASKED_AT_ONCE` at most.
    """
    asked = list(doses)[:MOST_ASKED_AT_ONCE]
    return requests.ask_for_all(asked, by=context.by, site=site, now=context.now, form=context.form)


def revoke(*, certificate: Certificate, why: Certificate.Revocation, note: str, context: EntryContext) -> None:
    """Revoke a living certificate; no verifier takes it any more. Raises NoCertificateToRevoke."""

    def write() -> Outcome:
        # Whoever stores another one holds the person: it is either there, or its request is dropped with this one.
        revoking.lock_persons([certificate.pk])
        living = Certificate.objects.living().filter(pk=certificate.pk)
        if not revoking.revoke(certificates=living, why=why, note=note, by=context.by, now=context.now):
            raise NoCertificateToRevoke
        return {"revoked": str(certificate.pk)}

    sent_forms.once(context.form, write)


def spell(*, registration: Registration, first_name: str, last_name: str, context: EntryContext) -> int:
    """Keep the name as the travel document spells it; what was issued under another spelling is issued anew.

    Returns how many requests waited for it and go on. Raises SpellingNeedsLatinLetters.
    """

    def write() -> Outcome:
        blocked = list(_of(registration.person).filter(state=IssueRequest.State.BLOCKED).values_list("pk", flat=True))
        at_a_site.spell_in_latin(registration=registration, first_name=first_name, last_name=last_name, by=context.by)
        return {"going_on": _of(registration.person).filter(pk__in=blocked).waiting().count()}

    outcome = sent_forms.once(context.form, write) or {}
    return int(outcome["going_on"])


def _issued_at_once(
    dose: Dose,
    cause: Cause,
    site: VaccinationSite,
    context: EntryContext,
    instead_of: Certificate | None = None,
    *,
    is_given_back: bool = False,
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
        is_given_back=is_given_back,
    )
    certificate = issuing.issue(request=request, now=context.now, by=context.by)
    if certificate is None:  # annulled a moment ago
        raise DoseNotValid
    return certificate


def _of(person: Person) -> IssueRequestQuerySet:
    return IssueRequest.objects.filter(dose__in=Dose.objects.of(standing_for(person)))
