"""Registrations are checked with registers: in the background, as often as it takes, and nobody is refused by it.

A check is a row. Whoever takes it counts an attempt and makes it due again later, in a transaction of its own; then the
register is asked, outside of any; then what it said is kept, if nobody else has taken the row meanwhile. A worker that
is killed leaves a row that is due again.
"""

import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet

from crs import history, queueing
from crs.messaging.models import Message
from crs.messaging.quiet_hours import next_waking_time
from registration.groups.rules import rules_at
from registration.models import GroupRule, Mismatch, Person, PriorityClaim, Register, RegisterCheck, Registration
from registration.operations import Operation
from registration.people.telling import tell
from registration.registers import answers, comparing
from registration.registers.asking import HealthWorker, Insured, RegisterAway, UnreadableAnswer
from registration.registers.configured import Registers, configured, registers
from registration.registers.deadline import deadline

logger = logging.getLogger(__name__)

TASK = "registration.check_with_registers"
# Longer than any answer takes (`http.WHOLE`): whose worker was killed is asked about again after it.
TAKEN_FOR = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
# After so long without an answer the person is told.
LATE = timedelta(hours=4)
# Tasks are short, so that a worker can be stopped; what is left gets another task.
ROUND_SECONDS = 20.0
TOLD_AT_ONCE = 500

_State = RegisterCheck.State


def want(*, registration: Registration, claim: PriorityClaim | None = None, now: datetime) -> None:
    """Have the registration checked with the insurers' register; with a `claim`, the claim with that of health workers.

    Runs in the caller's transaction. Does nothing where the register is not configured, where the person has no
    insured person's number, where the claim's group is proven in another way, and where a check waits already.
    """
    register = Register.HEALTH_WORKERS if claim else Register.INSURERS
    if register not in configured() or not registration.person.insured_number:
        return
    if claim is not None and not is_proven_by_register(claim, now=now):
        return
    same = {"registration": registration, "register": register, "claim": claim}
    if RegisterCheck.objects.filter(**same, state=_State.WAITING).exists():
        return
    RegisterCheck.objects.create(**same, due_at=now, created_at=now)
    transaction.on_commit(wake)


def want_all(*, registration: Registration, now: datetime) -> None:
    """Have the registration and all its claims that wait for a proof checked, as `want` does."""
    want(registration=registration, now=now)
    for claim in registration.priority_claims.filter(state=PriorityClaim.State.PENDING):
        want(registration=registration, claim=claim, now=now)


def wake() -> None:
    """Have what is due checked, unless a task for it already waits. Never raises."""
    queueing.send_once(TASK)


def check_due(*, now: datetime, seconds: float = ROUND_SECONDS) -> bool:
    """Ask the registers about the checks that are due; returns whether `seconds` ran out before all were done.

    A register that does not answer is asked no more in this round, and not before the time that it names itself.
    """
    until = time.monotonic() + seconds
    with registers() as known:
        left = [register for register in configured() if not cache.get(_pause_key(register))]
        while time.monotonic() < until:
            check = _take(left, now=now)
            if check is None:
                return False
            if not _check(check, known, now=now):
                left.remove(Register(check.register))
    return True


def tell_late(*, now: datetime) -> int:
    """Tell people whose checks take long, each registration once; returns how many."""
    late = RegisterCheck.objects.filter(
        state=_State.WAITING,
        register__in=configured(),
        told_at=None,
        created_at__lt=now - LATE,
        registration__state=Registration.State.ACTIVE,
    )
    keys = late.order_by("registration").values_list("registration", flat=True).distinct()[:TOLD_AT_ONCE]
    return sum(_tell_late(key, now=now) for key in list(keys))


def is_proven_by_register(claim: PriorityClaim, *, now: datetime) -> bool:
    """Whether a register, and nothing else, proves the claim by the rules in force at `now`."""
    proof = {rule.group.code: rule.proof for rule in rules_at(now)}.get(claim.group_id)
    return proof == GroupRule.Proof.REGISTER


def _take(registers_asked: Iterable[Register], *, now: datetime) -> RegisterCheck | None:
    """The check that has been due the longest; nobody else takes it for `TAKEN_FOR`."""
    due = RegisterCheck.objects.filter(state=_State.WAITING, due_at__lte=now, register__in=registers_asked)
    with transaction.atomic():
        # Rows that another worker is just taking are its own.
        free = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
        check = free.select_related("registration__person").order_by("due_at", "pk").first()
        if check is None:
            return None
        check.attempts += 1
        RegisterCheck.objects.filter(pk=check.pk).update(attempts=check.attempts, due_at=now + TAKEN_FOR)
    return check


def _check(check: RegisterCheck, known: Registers, *, now: datetime) -> bool:
    """Ask about one check and keep the answer; False: the register does not answer anybody."""
    try:
        answer = known[Register(check.register)].look_up(check.registration.person.insured_number)
    except RegisterAway as error:
        _put_off(check, error, now=now)
        return isinstance(error, UnreadableAnswer)
    _keep(check, answer, now=now)
    return True


def _put_off(check: RegisterCheck, error: RegisterAway, *, now: datetime) -> None:
    logger.warning("%s, check #%s: %s", check.register, check.pk, error)
    wait = min(FIRST_WAIT * 2 ** min(check.attempts - 1, 10), LONGEST_WAIT)
    if error.retry_after:
        pause = min(timedelta(seconds=error.retry_after), LONGEST_WAIT)
        cache.set(_pause_key(Register(check.register)), 1, max(int(pause.total_seconds()), 1))
        wait = max(wait, pause)
    _still(check).update(due_at=now + wait)


def _keep(check: RegisterCheck, answer: Insured | HealthWorker | None, *, now: datetime) -> None:
    """Keep what the register says, and tell the person what they have to know."""
    with transaction.atomic(), history.recording(Operation.CHECK_WITH_REGISTER):
        person = Person.objects.select_for_update(no_key=True).get(pk=check.registration.person_id)
        registration = Registration.objects.select_for_update(no_key=True).get(pk=check.registration_id)
        claims = PriorityClaim.objects.select_for_update(no_key=True)
        claim = claims.get(pk=check.claim_id) if check.claim_id else None
        if not _is_wanted(registration, claim):
            _still(check).update(state=_State.VOID)
            return
        differences = comparing.differences(person, answer, Register(check.register), now=now)
        kept = _still(check).update(
            state=_State.DISAGREES if differences else _State.AGREES,
            answered_at=now,
            answer=answers.kept(answer),
        )
        if not kept:  # another worker was faster, because this one took long
            return
        if claim is not None:
            state = PriorityClaim.State.DISPUTED if differences else PriorityClaim.State.PROVEN
            PriorityClaim.objects.filter(pk=claim.pk).update(state=state)
        if differences:
            _open_mismatch(check, registration, differences, now=now)
        elif check.told_at and not _waiting_and_told(registration).exists():
            tell(registration, "registration/check_done", {"number": registration.number}, due_at=next_waking_time(now))


def _is_wanted(registration: Registration, claim: PriorityClaim | None) -> bool:
    """Whether the registration still waits for a dose, and the claim for its proof."""
    is_claim_open = claim is None or claim.state == PriorityClaim.State.PENDING
    return registration.state == Registration.State.ACTIVE and is_claim_open


def _open_mismatch(
    check: RegisterCheck, registration: Registration, differences: list[Mismatch.Kind], *, now: datetime
) -> None:
    Mismatch.objects.create(check_done=check, kind=differences[0], opened_at=now, due_at=deadline(now))
    # Whoever reads the messages of somebody who died must not learn it, or be hurt, by an SMS; staff look first.
    if Mismatch.Kind.DIED not in differences:
        template = "registration/mismatch" if check.register == Register.INSURERS else "registration/worker_mismatch"
        tell(registration, template, {"number": registration.number}, due_at=next_waking_time(now))


def _tell_late(registration_key: int, *, now: datetime) -> bool:
    with transaction.atomic():
        registration = Registration.objects.select_for_update(no_key=True).get(pk=registration_key)
        was_told = _waiting_and_told(registration).exists()
        # Under the lock of the registration: of two sweeps the second finds no row.
        waiting = RegisterCheck.objects.filter(registration=registration, state=_State.WAITING, told_at=None)
        if not waiting.update(told_at=now) or was_told:
            return False
        tell(
            registration,
            "registration/check_late",
            {"number": registration.number},
            lane=Message.Lane.BULK,
            due_at=next_waking_time(now),
        )
    return True


def _waiting_and_told(registration: Registration) -> QuerySet[RegisterCheck]:
    return RegisterCheck.objects.filter(registration=registration, state=_State.WAITING, told_at__isnull=False)


def _still(check: RegisterCheck) -> QuerySet[RegisterCheck]:
    """The row, as long as nobody has taken it after `check` was taken."""
    return RegisterCheck.objects.filter(pk=check.pk, state=_State.WAITING, attempts=check.attempts)


def _pause_key(register: Register) -> str:
    return f"registers:pause:{register.value}"
