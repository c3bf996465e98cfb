"""People whom the portal cannot register by itself: line 1221 goes on with what they typed (docs/adr/0043)."""

from collections.abc import Iterable
from datetime import datetime

from registration import number
from registration.applying.errors import AlreadyHandedOver
from registration.groups.rules import Rule
from registration.models import GroupRule, LineRequest, PriorityGroup
from registration.people import insured_number
from registration.people.identity_document import IdentityDocument
from registration.people.insured_number import InsuredNumber
from registration.people.short_name import short_name
from registration.people.statements import Statements
from registration.people.telling import Reach, tell


def is_for_the_line(number: str, reason: PriorityGroup | None, rules: Iterable[Rule]) -> bool:
    """Whether somebody gives a `reason` that a register proves, and no register of ours can know them.

    The registers know people by a Czech `number` (digits; "" for holders of a document). One with the shape that
    insurers give to people from abroad, and a document, are in none of them.
    """
    is_from_abroad = not number or insured_number.is_foreigners(number)
    proofs = {rule.group: rule.proof for rule in rules}
    return is_from_abroad and reason is not None and proofs.get(reason) == GroupRule.Proof.REGISTER


def refuse_second(*, phone: str, identity: InsuredNumber | IdentityDocument) -> None:
    """Raises AlreadyHandedOver where a request of this telephone about the person still waits.

    Nobody else writes requests of `phone` meanwhile (`Lock.REGISTRATIONS_OF_A_PHONE`).
    """
    for waiting in LineRequest.objects.filter(phone=phone, resolved_at=None):
        if _is_about(waiting, identity):
            raise AlreadyHandedOver(waiting)


def hand_over(*, phone: str, said: Statements, now: datetime) -> LineRequest:
    """Write a request for the operators and tell its reference, in the caller's transaction."""
    request: LineRequest = LineRequest.objects.create(
        number=number.next_number(), phone=phone, language=said.language, typed=said.as_text, created_at=now
    )
    tell(
        Reach(said.language, phone, said.email, whom=short_name(said)),
        "registration/handed_over",
        {"number": request.number},
    )
    return request


def _is_about(request: LineRequest, identity: InsuredNumber | IdentityDocument) -> bool:
    said = Statements.of(request)
    if isinstance(identity, InsuredNumber):
        return bool(said.insured_number == identity.digits)
    document = (said.document_type, said.document_country, said.document_number)
    return document == (identity.type, identity.country, identity.number)
