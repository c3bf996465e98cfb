"""Registrations are checked with registers: in the background, as often as it takes, and nobody is refused by it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crs import queueing
from registration.groups.rules import rules_at
from registration.models import GroupRule, PriorityClaim, Register, RegisterCheck, Registration

TASK = "registration.check_with_registers"


def want(*, registration: Registration, claim: PriorityClaim | None = None, now: datetime) -> None:
    """Have the registration checked with the insurers' register; with a `claim`, the claim with that of health workers.

    Runs in the caller's transaction. Does nothing where the register is not configured, where the person has no
    insured person's number, where the claim's group is proven in another way, and where a check waits already.
    """
    if not registration.person.insured_number:
        return
    if claim is None:
        register, is_asked = Register.INSURERS, bool(settings.INSURERS_REGISTER)
    else:
        register = Register.HEALTH_WORKERS
        is_asked = bool(settings.HEALTH_WORKERS_REGISTER) and _is_proven_by_register(claim, now=now)
    waiting = RegisterCheck.objects.filter(
        registration=registration, register=register, claim=claim, state=RegisterCheck.State.WAITING
    )
    if not is_asked or waiting.exists():
        return
    RegisterCheck.objects.create(registration=registration, register=register, claim=claim, due_at=now, created_at=now)
    transaction.on_commit(wake)


def wake() -> None:
    """Have what is due checked, unless a task for it already waits. Never raises."""
    queueing.send_once(TASK)


def _is_proven_by_register(claim: PriorityClaim, *, now: datetime) -> bool:
    proof = {rule.group.code: rule.proof for rule in rules_at(now)}.get(claim.group_id)
    return proof == GroupRule.Proof.REGISTER
