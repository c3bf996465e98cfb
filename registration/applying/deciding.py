"""Deciding what another telephone claims: it says that it is a person who is registered already."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from crs.states import CZECHIA
from logistics.models import VaccinationSite
from registration.address import ADDRESS, STATED
from registration.applying.errors import ClaimIsSettled, NothingToMove, NotYours
from registration.codes import using
from registration.models import CodeUse, Person, PriorityClaim, Registration, RegistrationClaim
from registration.operations import Operation
from registration.people import persons, statements, telling
from registration.people.errors import PersonWasMerged
from registration.people.statements import Statements
from registration.registers import checking

Decision = RegistrationClaim.Decision


def decide_claim(
    *,
    claim: RegistrationClaim,
    decision: RegistrationClaim.Decision,
    now: datetime,
    by: User | None = None,
    phone: str = "",
    reason: str = "",
    form: Sending = NO_FORM,
) -> RegistrationClaim:
    """Settle the claim: an operator (`by`), or the `phone` (E.164) of the registration.

    MOVED: the telephone, the e-mail, the language, the sites and the address of the claim become the registration's;
    its reasons, its guardian and that the person cannot come are added. The name stays as it is; a site compares it
    with a document. KEPT: the registration stays as it was, and codes that were spent are free again. Both telephones
    are told, and neither reads the other's number. Raises ClaimIsSettled, NothingToMove, NotYours where the telephone
    has lost the registration, PersonWasMerged where records were joined meanwhile, and FormChanged.
    """

    def write() -> Outcome:
        # The person's row orders a decision of the telephone, one of an operator, an ending and a change of telephone.
        person = _locked_person(claim.person_id)
        found = Registration.objects.standing().filter(person__in=persons.rows_of(person))
        standing = found.select_for_update(of=("self",), no_key=True).first()
        if phone and standing is not None and str(standing.phone) != phone:
            raise NotYours
        open_ones = RegistrationClaim.objects.filter(pk=claim.pk, resolved_at=None)
        settled = {"decision": decision, "resolved_at": now, "resolved_by": by, "reason": reason or None}
        if not open_ones.update(**settled):
            raise ClaimIsSettled
        if decision == Decision.MOVED and standing is None:
            raise NothingToMove
        # As it is under its lock: what it says, and at which telephone, may have changed since the page was shown.
        current = RegistrationClaim.objects.get(pk=claim.pk)
        said = Statements.of(current)
        claimant = statements.reach_of(current)
        if decision == Decision.MOVED and standing is not None:
            telling.tell(standing, "registration/claim_moved_away", {"number": standing.number})
            telling.tell(claimant, "registration/claim_moved", {"number": standing.number})
            _move(standing, person, current, said)
            take_over_reasons(standing, current, now=now)
            return {}
        using.give_back_spent(current)
        if standing is not None:
            telling.tell(standing, "registration/claim_kept", {"number": standing.number})
        telling.tell(claimant, "registration/claim_refused", {"number": current.number})
        return {}

    with history.recording(Operation.DECIDE_CLAIM, by=by):
        sent_forms.once(form, write)
    return RegistrationClaim.objects.get(pk=claim.pk)


def take_over_reasons(registration: Registration, claim: RegistrationClaim, *, now: datetime) -> None:
    """Give the locked registration the reasons of a claim that came true, with the codes that were spent for them.

    What staff or a register decided about a group stays, unless a code proves it; a code that nothing needs is free.
    """
    spent = {used.code.batch.group_id: used for used in using.spent_for(claim)}
    for group in Statements.of(claim).reasons:
        _take_over_reason(registration, group, spent.get(group), now=now)
    using.give_back_spent(claim)


def _locked_person(key: int) -> Person:
    """The record that stands for the person, locked with the one that was claimed, the lower key first."""
    joined = Person.objects.get(pk=key).merged_into_id
    locking = Person.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    rows = {row.pk: row for row in locking.filter(pk__in={key, joined or key})}
    kept = rows[key].merged_into_id or key
    if kept not in rows:
        raise PersonWasMerged
    return rows[kept]


def _move(registration: Registration, person: Person, claim: RegistrationClaim, said: Statements) -> None:
    address = {name: getattr(said, name) for name in ADDRESS}
    if is_stated := any(getattr(said, name) for name in STATED):
        Person.objects.filter(pk=person.pk).update(**address)
    changes: dict[str, Any] = {
        "phone": claim.phone,
        "email": said.email,
        "language": said.language,
        "by_letter": False,
    }
    if said.guardian_name:
        changes |= {"guardian_name": said.guardian_name, "guardian_relation": said.guardian_relation}
    if said.home_district and said.home_district != registration.home_district_id:
        changes |= {"is_immobile": True, "home_district": said.home_district, "handed_over_at": None}
    elif is_stated and said.country != CZECHIA:
        # Nobody is visited abroad; whoever claims has not said that the person cannot come.
        changes |= {"is_immobile": False, "home_district": None}
    Registration.objects.filter(pk=registration.pk).update(**changes)
    registration.preferred_sites.set(VaccinationSite.objects.filter(pk__in=said.sites))


def _take_over_reason(registration: Registration, group: str, used: CodeUse | None, *, now: datetime) -> None:
    of_group = PriorityClaim.objects.filter(registration=registration, group=group)
    known = of_group.standing().first()
    if known is not None and (used is None or known.state != PriorityClaim.State.PENDING):
        return
    if used is None and of_group.filter(state=PriorityClaim.State.REFUSED).exists():
        return
    reason = known or PriorityClaim.objects.create(registration=registration, group_id=group, made_at=now)
    if used is not None:
        using.prove_with_spent(used, claim=reason)
    else:
        checking.want(registration=registration, claim=reason, now=now)
