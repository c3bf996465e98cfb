"""Deciding what another telephone claims: it says that it is a person who is registered already."""

import json
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from registration.applying.errors import ClaimIsSettled, NothingToMove
from registration.models import Person, Registration, RegistrationClaim
from registration.operations import Operation
from registration.people import telling
from registration.people.telling import Reach

Decision = RegistrationClaim.Decision
_ADDRESS = ("street", "city", "postcode")


def decide_claim(
    *,
    claim: RegistrationClaim,
    decision: RegistrationClaim.Decision,
    now: datetime,
    by: User | None = None,
    reason: str = "",
    form: Sending = NO_FORM,
) -> RegistrationClaim:
    """Settle the claim; without `by` it is the telephone of the registration that decides.

    MOVED: the telephone, the e-mail, the sites and the address of the claim become the registration's. The name stays
    as it is; a site compares it with a document. KEPT: the registration stays as it was. Both telephones are told, and
    neither reads the other's number. Raises ClaimIsSettled, NothingToMove, FormChanged.
    """

    def write() -> Outcome:
        # The person's row orders a decision of the telephone, one of an operator, an ending and a change of telephone.
        person = Person.objects.select_for_update(no_key=True).get(pk=claim.person_id)
        standing = Registration.objects.standing().filter(person=person).select_for_update(no_key=True).first()
        open_ones = RegistrationClaim.objects.filter(pk=claim.pk, resolved_at=None)
        settled = {"decision": decision, "resolved_at": now, "resolved_by": by, "reason": reason or None}
        if not open_ones.update(**settled):
            raise ClaimIsSettled
        if decision == Decision.MOVED and standing is None:
            raise NothingToMove
        typed = json.loads(claim.typed)
        claimant = Reach(standing.language if standing else "cs", str(claim.phone), typed.get("email", ""))
        if decision == Decision.MOVED and standing is not None:
            telling.tell(standing, "registration/claim_moved_away", {"number": standing.number})
            telling.tell(claimant, "registration/claim_moved", {"number": standing.number})
            _move(standing, person, claim, typed)
            return {}
        if standing is not None:
            telling.tell(standing, "registration/claim_kept", {"number": standing.number})
        telling.tell(claimant, "registration/claim_refused", {"number": claim.number})
        return {}

    with history.recording(Operation.DECIDE_CLAIM, by=by):
        sent_forms.once(form, write)
    return RegistrationClaim.objects.get(pk=claim.pk)


def _move(registration: Registration, person: Person, claim: RegistrationClaim, typed: dict[str, Any]) -> None:
    address = {name: typed.get(name, "") for name in _ADDRESS}
    if any(address.values()):
        Person.objects.filter(pk=person.pk).update(**address)
    Registration.objects.filter(pk=registration.pk).update(
        phone=claim.phone, email=typed.get("email", ""), by_letter=False
    )
    registration.preferred_sites.set(VaccinationSite.objects.filter(pk__in=typed.get("sites", [])))
